//! The memory image of a release's logic: made when the release is installed, or when it is first launched without one,
//! and gone with its slot. It is never needed: without it the code is loaded anew.

use std::{path::PathBuf, sync::Arc};

use guichet_engine::{Budget, Ended, Engine, Image, Logic, NoImage, Program};

use crate::home::Home;

/// The place of one image, and what it is the image of.
#[derive(Clone, Debug)]
pub(crate) struct LogicImage {
    pub(crate) home: Arc<Home>,
    pub(crate) path: PathBuf,
    /// The digest of the release's statement.
    pub(crate) package: [u8; 32],
}

impl LogicImage {
    /// Makes the image unless it is there. What keeps the app from starting, its launch says.
    pub(crate) fn prepare(&self, engine: &Engine, program: &Program) {
        if self.open(engine).is_none() {
            self.said(self.home.write_soon_with(&self.path, |file| {
                engine.write_image(file, &self.package, program, Budget::default())
            }));
        }
    }

    /// Starts the logic from the image that was opened; if there is none, from its code, and then there is one.
    pub(crate) fn start(
        &self,
        engine: &Engine,
        program: &Program,
        image: Option<&Image>,
        budget: Budget,
    ) -> Result<Logic, Ended> {
        let loaded = engine.load(program)?;
        if let Some(image) = image {
            return loaded.start_from(image, budget);
        }
        let mut logic = loaded.start(budget)?;
        if matches!(program, Program::Script(_)) {
            self.said(self.home.write_soon_with(&self.path, |file| {
                logic.write_image(file)?;
                engine.seal_image(file, &self.package)
            }));
        }
        Ok(logic)
    }

    /// The image, if it is there and this device has made it.
    pub(crate) fn open(&self, engine: &Engine) -> Option<Image> {
        engine.image(&self.path, &self.package)
    }

    fn said(&self, made: Result<(), NoImage>) {
        if let Err(why) = made {
            let path = self.path.display();
            tracing::warn!(%path, class = why.class(), %why, "the logic has no memory image");
        }
    }
}
