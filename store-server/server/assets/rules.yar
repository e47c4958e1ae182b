// What a store begins with: code that has no place in a service of a department. Rules of your own go into the folder
// `yara` of the store, as *.yar; a rule with the tag `note` or `warning` does not send into quarantine.

rule Eicar_Test_File {
  meta: description = "the test file of virus scanners, harmless"
  strings: $text = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!"
  condition: $text
}

rule Coin_Miner {
  meta: description = "code that computes coins with somebody else's processor"
  strings:
    $a = "coinhive" nocase
    $b = "CryptoNight"
    $c = "stratum+tcp://" nocase
    $d = "deepMiner" nocase
    $e = "coin-hive" nocase
  condition: any of them
}

rule Program_For_A_System {
  meta: description = "a program of an operating system, which no app can run"
  condition: uint32(0) == 0x464c457f or (uint16(0) == 0x5a4d and uint32(uint32(0x3c)) == 0x00004550) or uint32(0) == 0xfeedfacf or uint32(0) == 0xcffaedfe
}

rule Web_Shell {
  meta: description = "a script that runs commands on a server"
  strings:
    $php = "<?php"
    $run = /(eval|system|passthru|shell_exec|assert)\s*\(\s*(base64_decode|\$_(GET|POST|REQUEST))/ nocase
  condition: $php and $run
}

rule Wallet_Address_Swapper {
  meta: description = "replaces addresses of payments on the clipboard"
  strings:
    $clip = "clipboard" nocase
    $swap = /\.replace\(\s*\/\^?\(?(bc1|0x\[a-fA-F0-9\]\{40\}|T\[A-Za-z1-9\]\{33\})/
  condition: $clip and $swap
}

rule Packed_Script : warning {
  meta: description = "a script that hides what it does"
  strings:
    $packer = "eval(function(p,a,c,k,e,d)"
    $names = /_0x[a-f0-9]{4,6}/
    $unescape = /eval\s*\(\s*(unescape|atob)\s*\(/
  condition: $packer or $unescape or #names > 60
}
