//! A ZIP writer that can lie about everything, for hostile archives built by hand.

use std::io::Write as _;

use flate2::{Compression, write::DeflateEncoder};

/// One entry; what is `None` is as it should be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    pub(crate) data: Vec<u8>,
    pub(crate) local_name: Option<Vec<u8>>,
    pub(crate) local_size: Option<u32>,
    pub(crate) local_crc: Option<u32>,
    pub(crate) local_time: u16,
    pub(crate) local_flags: Option<u16>,
    pub(crate) local_method: Option<u16>,
    pub(crate) local_date: Option<u16>,
    pub(crate) local_extra: Vec<u8>,
    pub(crate) crc: Option<u32>,
    pub(crate) size: Option<u32>,
    pub(crate) full_size: Option<u32>,
    pub(crate) flags: Option<u16>,
    pub(crate) method: u16,
    pub(crate) needed: Option<u16>,
    pub(crate) made_by: Option<u16>,
    pub(crate) attributes: u32,
    pub(crate) extra: Vec<u8>,
    pub(crate) comment: Vec<u8>,
    pub(crate) disk: u16,
    pub(crate) offset: Option<u32>,
    /// Between the entry before and this one.
    pub(crate) gap: Vec<u8>,
    /// Only in front of its bytes, not in the directory.
    pub(crate) hidden: bool,
    /// Only in the directory.
    pub(crate) ghost: bool,
}

/// An archive; what is `None` is as it should be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Zip {
    pub(crate) prefix: Vec<u8>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) before_directory: Vec<u8>,
    pub(crate) in_directory: Vec<u8>,
    pub(crate) count: Option<u16>,
    pub(crate) count_here: Option<u16>,
    pub(crate) disk: u16,
    pub(crate) directory_offset: Option<u32>,
    pub(crate) directory_size: Option<u32>,
    pub(crate) comment: Vec<u8>,
    pub(crate) suffix: Vec<u8>,
}

pub(crate) fn entry(name: &str, data: &str) -> Entry {
    Entry { name: name.into(), data: data.into(), ..Entry::default() }
}

/// The entry with its bytes compressed.
pub(crate) fn deflated(entry: Entry) -> Entry {
    let (crc, size) = (crc32fast::hash(&entry.data), entry.data.len() as u32);
    let data = deflate(&entry.data);
    Entry {
        crc: Some(crc),
        size: Some(data.len() as u32),
        full_size: Some(size),
        data,
        method: 8,
        flags: Some(entry.flags.unwrap_or(0)),
        ..entry
    }
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

impl Zip {
    pub(crate) fn of(entries: &[Entry]) -> Self {
        Self { entries: entries.to_vec(), ..Self::default() }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = self.prefix.clone();
        let mut directory = Vec::new();
        for entry in &self.entries {
            out.extend(&entry.gap);
            let offset = entry.offset.unwrap_or(out.len() as u32);
            let flags = entry.flags.unwrap_or(1 << 11);
            let crc = entry.crc.unwrap_or(crc32fast::hash(&entry.data));
            let size = entry.size.unwrap_or(entry.data.len() as u32);
            let full_size = entry.full_size.unwrap_or(size);
            let needed = entry.needed.unwrap_or(20);
            if !entry.ghost {
                let name = entry.local_name.as_ref().unwrap_or(&entry.name);
                let (flags, method) = (entry.local_flags.unwrap_or(flags), entry.local_method.unwrap_or(entry.method));
                let date = entry.local_date.unwrap_or(0x21);
                put(&mut out, &[0x0403_4b50], &[needed, flags, method, entry.local_time, date]);
                put(
                    &mut out,
                    &[
                        entry.local_crc.unwrap_or(crc),
                        entry.local_size.unwrap_or(size),
                        entry.local_size.unwrap_or(full_size),
                    ],
                    &[],
                );
                put(&mut out, &[], &[name.len() as u16, entry.local_extra.len() as u16]);
                out.extend([name.as_slice(), &entry.local_extra, &entry.data].concat());
            }
            if !entry.hidden {
                put(
                    &mut directory,
                    &[0x0201_4b50],
                    &[entry.made_by.unwrap_or(20), needed, flags, entry.method, 0, 0x21],
                );
                put(&mut directory, &[crc, size, full_size], &[]);
                let lengths = [entry.name.len(), entry.extra.len(), entry.comment.len()].map(|length| length as u16);
                put(&mut directory, &[], &[lengths[0], lengths[1], lengths[2], entry.disk, 0]);
                put(&mut directory, &[entry.attributes, offset], &[]);
                directory.extend([entry.name.as_slice(), &entry.extra, &entry.comment].concat());
            }
        }
        out.extend(&self.before_directory);
        directory.extend(&self.in_directory);
        let listed = self.entries.iter().filter(|entry| !entry.hidden).count() as u16;
        let at = self.directory_offset.unwrap_or(out.len() as u32);
        let size = self.directory_size.unwrap_or(directory.len() as u32);
        out.extend(directory);
        put(
            &mut out,
            &[0x0605_4b50],
            &[self.disk, self.disk, self.count_here.or(self.count).unwrap_or(listed), self.count.unwrap_or(listed)],
        );
        put(&mut out, &[size, at], &[self.comment.len() as u16]);
        out.extend([self.comment.as_slice(), &self.suffix].concat());
        out
    }
}

fn put(out: &mut Vec<u8>, words: &[u32], halves: &[u16]) {
    words.iter().for_each(|word| out.extend(word.to_le_bytes()));
    halves.iter().for_each(|half| out.extend(half.to_le_bytes()));
}
