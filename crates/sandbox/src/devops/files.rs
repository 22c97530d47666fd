//! Where the bytes of attachments lie: in a folder of the sandbox's data, or in one that goes
//! with the process.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::{TempDir, TempPath};
use uuid::Uuid;

/// A folder of files named by the id of their attachment.
#[derive(Debug, Default)]
pub struct Files {
    kept: Option<PathBuf>,
    temporary: OnceLock<TempDir>,
}

impl Files {
    /// A folder that stays.
    pub fn kept_in(folder: PathBuf) -> Self {
        Self { kept: Some(folder), temporary: OnceLock::new() }
    }

    /// The file of an attachment.
    pub fn path(&self, id: Uuid) -> io::Result<PathBuf> {
        Ok(self.folder()?.join(id.to_string()))
    }

    /// A file for an upload that has begun; it goes by itself unless it becomes an attachment's.
    pub fn begin(&self) -> io::Result<(File, TempPath)> {
        Ok(tempfile::NamedTempFile::new_in(self.folder()?)?.into_parts())
    }

    fn folder(&self) -> io::Result<&Path> {
        if let Some(folder) = &self.kept {
            std::fs::create_dir_all(folder)?;
            return Ok(folder);
        }
        if self.temporary.get().is_none() {
            let made = tempfile::Builder::new().prefix("gangway-sandbox-").tempdir()?;
            // Another thread may have been faster; its folder stays then, and this one goes.
            let _ = self.temporary.set(made);
        }
        self.temporary
            .get()
            .map(TempDir::path)
            .ok_or_else(|| io::Error::other("the temporary folder is gone"))
    }
}
