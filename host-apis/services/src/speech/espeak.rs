//! eSpeak NG, as a program: it reads a text from its standard input, and ends when it has said it.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use guichet_contract::{Stop, speech::Utterance};

use super::{Mute, VoicePart};
use crate::wait::{STEP, wait};

/// Words in a minute at 100 percent: its own measure.
const WORDS: u32 = 175;
/// Languages that it calls otherwise than BCP 47 does.
const OTHERWISE: [(&str, &str); 1] = [("zh", "cmn")];

/// A voice that is a program. No text stands among its arguments, where other programs could read it.
#[derive(Debug)]
pub struct Espeak {
    program: PathBuf,
    /// Where the sound goes; none: it is heard.
    file: Option<PathBuf>,
    languages: Mutex<Option<Vec<String>>>,
}

impl Espeak {
    /// This program.
    pub fn new(program: &Path) -> Self {
        Self { program: program.to_owned(), file: None, languages: Mutex::default() }
    }

    /// The same, whose sound goes to this file or pipe (WAVE), one text after the other.
    pub fn into_file(self, file: &Path) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn start(&self, utterance: &Utterance) -> std::io::Result<Child> {
        let voice = OTHERWISE.iter().find(|(tag, _)| *tag == utterance.lang).map_or(&*utterance.lang, |(_, own)| own);
        let mut command = self.command();
        command.args(["--stdin", "-b", "1", "-v", voice, "-s", &(WORDS * utterance.speed / 100).to_string()]);
        if let Some(file) = &self.file {
            command.arg("-w").arg(file);
        }
        let mut child = command.stdin(Stdio::piped()).spawn()?;
        // A text is shorter than a pipe holds, so this waits for nobody.
        let written = child.stdin.take().map_or(Ok(()), |mut input| input.write_all(utterance.text.as_bytes()));
        if let Err(error) = written {
            drop(child.kill());
            drop(child.wait());
            return Err(error);
        }
        Ok(child)
    }
}

impl VoicePart for Espeak {
    fn languages(&self) -> Result<Vec<String>, Mute> {
        let mut known = self.languages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(languages) = &*known {
            return Ok(languages.clone());
        }
        let listed = self.command().arg("--voices").stdout(Stdio::piped()).output();
        let listed =
            listed.inspect_err(|error| tracing::warn!(%error, "the voice does not start")).map_err(|_| Mute)?;
        let languages = tags(&String::from_utf8_lossy(&listed.stdout));
        if languages.is_empty() {
            return Err(Mute);
        }
        Ok(known.insert(languages).clone())
    }

    fn speak(&self, utterance: &Utterance, stop: &Stop) -> Result<(), Mute> {
        let started = self.start(utterance);
        let mut child =
            started.inspect_err(|error| tracing::warn!(%error, "the voice does not start")).map_err(|_| Mute)?;
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(None) if !stop.is_stopped() => wait(Instant::now() + STEP, stop),
                ended => {
                    drop(child.kill());
                    drop(child.wait());
                    return if matches!(ended, Ok(None)) { Ok(()) } else { Err(Mute) };
                }
            }
        }
    }
}

/// The first parts of tags in the program's table of voices, each once, in order.
fn tags(table: &str) -> Vec<String> {
    let of_line = |line: &str| {
        let tag = line.split_whitespace().nth(1)?.split('-').next()?.to_owned();
        Some(OTHERWISE.iter().find(|(_, own)| *own == tag).map_or(tag, |(tag, _)| (*tag).to_owned()))
    };
    let mut tags: Vec<String> = table.lines().skip(1).filter_map(of_line).collect();
    tags.sort();
    tags.dedup();
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_voices_is_read() {
        let table = "Pty Language       Age/Gender VoiceName          File                 Other Languages\n \
                     5  cmn             --/M      Chinese_(Mandarin) sit/cmn              (zh-cmn 5)(zh 5)\n \
                     5  en-gb           --/M      English_(GB)       gmw/en\n 5  en-us           --/M      English_(US)       gmw/en-US\n";
        assert_eq!(tags(table), ["en", "zh"]);
    }

    #[test]
    fn a_program_that_is_not_there_is_mute() {
        let espeak = Espeak::new(Path::new("/nowhere/espeak-ng"));
        let utterance = Utterance { text: "x".to_owned(), lang: "en".to_owned(), speed: 100 };
        assert_eq!((espeak.languages(), espeak.speak(&utterance, &Stop::default())), (Err(Mute), Err(Mute)));
    }
}
