#!/bin/sh
# Makes a Rust compiler with a wasm32-unknown-unknown std out of Debian
# packages, for machines where `rustup target add` cannot download anything.
# Needs Debian 12 with its security archive, rustup's stable toolchain and gcc;
# no root.  Usage: guest-toolchain.sh DIR; then RUSTC=DIR/rustc cargo build ...
set -eu
# What the caller's own build is set to must not reach the build of std below.
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET RUSTC RUSTC_WRAPPER CARGO_ENCODED_RUSTFLAGS
mkdir -p "$1/deb"
dir=$(cd "$1" && pwd)
cd "$dir/deb"
# Unpacked, not installed: rustc-web conflicts with Debian's own rustc, cargo
# and rustup packages.
apt-get download rustc-web rust-web-src libstd-rust-web-1.96 libstd-rust-web-dev libllvm22
for deb in *.deb; do dpkg -x "$deb" "$dir"; done

usr=$dir/usr
# Debian's rustc brings no wasm linker; every rustup toolchain carries one.
stock=$(rustup run stable rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin
ln -sfn "$stock" "$usr/lib/rustlib/x86_64-unknown-linux-gnu/bin"
cat >"$dir/rustc" <<EOF
#!/bin/sh
export LD_LIBRARY_PATH=$usr/lib/x86_64-linux-gnu
exec $usr/bin/rustc "\$@"
EOF
chmod +x "$dir/rustc"

# Build std for the guest target once and put it in the sysroot, so that
# guests build with a plain `cargo build` and no unstable flag.
mkdir -p "$dir/std/src"
cd "$dir/std"
printf '[package]\nname="stdbuild"\nversion="0.0.0"\nedition="2024"\n[workspace]\n[profile.release]\npanic="abort"\n' >Cargo.toml
echo '#![no_std]' >src/lib.rs
# Bitcode stays in the rlibs so that guests can use lto.
RUSTC=$dir/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes cargo +stable build --release \
    --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort
lib=$usr/lib/rustlib/wasm32-unknown-unknown/lib
mkdir -p "$lib"
for f in target/wasm32-unknown-unknown/release/deps/*.rlib; do
    case $f in */libstdbuild*) ;; *) cp "$f" "$lib/" ;; esac
done
cd "$dir"
rm -rf std deb usr/src
"$dir/rustc" --version
