//! The master keys' file. It is never written in place: a finished one takes its place, so that
//! whoever reads it finds the keys before or the keys after.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind as IoKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use base::{Error, ErrorKind, Random, Result, Secret};

use super::key_id::KeyId;
use super::master_keys::{MasterKeys, new_line, parse_line};

/// The largest key file: about a thousand keys.
const FILE_BYTES_MAX: u64 = 64 * 1024;

impl MasterKeys {
    /// Reads a key file, which only its owner may read.
    ///
    /// # Errors
    /// When others may read it, when it cannot be read, or when it holds something else.
    pub fn read_file(path: &Path) -> Result<Self> {
        let mut keys = Self::parse(&read_text(path)?)?;
        keys.file = Some(path.to_owned());
        Ok(keys)
    }

    /// Makes a key file with a new key.
    ///
    /// # Errors
    /// `key_file_exists`: a key that is overwritten is lost, and every stored secret with it.
    pub fn create_file(path: &Path, random: &Random) -> Result<Self> {
        let finished = write_beside(path, &new_line(random)).map_err(|e| unreadable(path, e))?;
        // Unlike a renamed file, a linked one never takes the place of another.
        let linked = fs::hard_link(&finished, path);
        let cleaned = fs::remove_file(&finished);
        match linked {
            Err(cause) if cause.kind() == IoKind::AlreadyExists => return Err(exists(path)),
            linked => linked
                .and(cleaned)
                .and_then(|()| sync_folder(path))
                .map_err(|cause| unreadable(path, cause))?,
        }
        Self::read_file(path)
    }

    /// Reads a key file, or makes one with a new key.
    ///
    /// # Errors
    /// When it can neither be read nor made.
    pub fn read_or_create_file(path: &Path, random: &Random) -> Result<Self> {
        if path.exists() {
            return Self::read_file(path);
        }
        match Self::create_file(path, random) {
            Err(error) if error.code() == EXISTS => Self::read_file(path),
            made => made,
        }
    }

    /// The keys as they are in the file now; those that came as text stay as they are.
    pub(crate) fn reread(&self) -> Result<Self> {
        self.file.as_deref().map_or_else(|| Ok(self.clone()), Self::read_file)
    }

    /// Puts a new key before the others in the file.
    pub(crate) fn add(&self, random: &Random) -> Result<Self> {
        let path = self.require_file()?;
        let text = read_text(path)?;
        let line = new_line(random);
        replace(path, &Secret::new(format!("{}{}", line.expose(), text.expose())))?;
        Self::read_file(path)
    }

    /// Takes the lines of a key out of the file.
    pub(crate) fn remove(&self, id: KeyId) -> Result<Self> {
        let path = self.require_file()?;
        let text = read_text(path)?;
        let mut kept = Secret::new(String::with_capacity(text.expose().len()));
        for line in text.expose().lines() {
            if parse_line(line)?.is_none_or(|key| KeyId::of(&key) != id) {
                kept = Secret::new(format!("{}{line}\n", kept.expose()));
            }
        }
        replace(path, &kept)?;
        Self::read_file(path)
    }

    fn require_file(&self) -> Result<&Path> {
        self.file.as_deref().ok_or_else(|| {
            let message = "The master keys come from keys.master_key or its environment variable, \
                           which only you can change. For a new key: make one with `gangway keys \
                           generate --out FILE`, put its line before the others, restart, and run \
                           `gangway keys rotate`, which then uses it. An old key is retired by \
                           taking its line out once `gangway keys status` says that nothing uses it.";
            Error::invalid("master_key_not_in_a_file", message)
        })
    }
}

fn read_text(path: &Path) -> Result<Secret<String>> {
    let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
    let mode = file.metadata().map_err(|cause| unreadable(path, cause))?.permissions().mode();
    if mode & 0o077 != 0 {
        let path = path.display();
        let message = format!("Others may read {path}. Run: chmod 600 {path}");
        return Err(Error::invalid("master_key_file", message));
    }
    let mut text = String::new();
    let read = file.take(FILE_BYTES_MAX).read_to_string(&mut text);
    let text = Secret::new(text);
    read.map(|_| text).map_err(|cause| unreadable(path, cause))
}

/// Puts a file with this text in the place of the one there, for the same owner.
fn replace(path: &Path, text: &Secret<String>) -> Result<()> {
    let replaced = || {
        // Where the path is a link, what it leads to is replaced.
        let path = fs::canonicalize(path)?;
        let before = OpenOptions::new().append(true).open(&path)?.metadata()?;
        let finished = write_beside(&path, text)?;
        let after = fs::metadata(&finished)?;
        if (before.uid(), before.gid()) != (after.uid(), after.gid()) {
            fchown(File::open(&finished)?, Some(before.uid()), Some(before.gid()))?;
        }
        fs::rename(&finished, &path)?;
        sync_folder(&path)
    };
    replaced().map_err(|cause| {
        let message = format!(
            "The key file {} cannot be changed, and was left as it is: it and its folder must be \
             writable for this command. Where a platform hands the file out, change it there: put \
             the line of a new key (`gangway keys generate --out FILE`) before the others and run \
             `gangway keys rotate`, which then uses it; take a line out only when `gangway keys \
             status` says that nothing uses its key.",
            path.display()
        );
        Error::new(ErrorKind::Unavailable, "key_file_not_writable", message).with_source(cause)
    })
}

/// Writes a whole file next to `path`, for its owner only, down to the disk.
fn write_beside(path: &Path, text: &Secret<String>) -> io::Result<PathBuf> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    // What a killed process with the same number left.
    match fs::remove_file(&beside) {
        Err(cause) if cause.kind() != IoKind::NotFound => return Err(cause),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(text.expose().as_bytes())?;
    file.sync_all()?;
    Ok(beside)
}

/// Makes a new name in the folder last.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

const EXISTS: &str = "key_file_exists";

fn exists(path: &Path) -> Error {
    let message =
        format!("{} exists. Gangway never overwrites a key: choose another name.", path.display());
    Error::new(ErrorKind::Conflict, EXISTS, message)
}

fn unreadable(path: &Path, cause: io::Error) -> Error {
    let message = format!(
        "The master key file {} cannot be read or made; check its folder and permissions.",
        path.display()
    );
    Error::new(ErrorKind::Unavailable, "master_key_file", message).with_source(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        (folder, path)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn names(folder: &Path) -> Vec<std::ffi::OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_key_file_is_made_once_and_only_its_owner_can_read_it() {
        let (folder, path) = folder();
        let made = MasterKeys::read_or_create_file(&path, &Random::system()).unwrap();
        let read = MasterKeys::read_or_create_file(&path, &Random::system()).unwrap();
        assert_eq!(made.ids(), read.ids());
        let error = MasterKeys::create_file(&path, &Random::system()).expect_err("it is there");
        assert_eq!(error.code(), EXISTS);
        assert_eq!(mode(&path), 0o600);
        assert_eq!(names(folder.path()), ["master.key"]);
    }

    #[test]
    fn an_added_key_comes_first_and_a_removed_one_goes_while_notes_stay() {
        let (folder, path) = folder();
        let random = Random::seeded(1);
        let first = MasterKeys::create_file(&path, &random).unwrap();
        let text = format!("# ours\n{}", fs::read_to_string(&path).unwrap());
        fs::write(&path, text).unwrap();
        let second = first.add(&random).unwrap();
        assert_eq!(second.ids()[1..], first.ids());
        assert_eq!(first.reread().unwrap().ids(), second.ids());
        let left = second.remove(first.current_id()).unwrap();
        assert_eq!(left.ids(), [second.current_id()]);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("# ours\n") && text.lines().count() == 2, "{text}");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(names(folder.path()), ["master.key"]);
    }

    #[test]
    fn a_key_file_behind_a_link_is_changed_where_it_is() {
        let (folder, path) = folder();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        MasterKeys::create_file(&path, &Random::system()).unwrap();
        let keys = MasterKeys::read_file(&link).unwrap().add(&Random::system()).unwrap();
        assert_eq!(MasterKeys::read_file(&path).unwrap().ids(), keys.ids());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn keys_that_came_as_text_cannot_be_changed_here_and_it_is_said_how() {
        let random = Random::seeded(1);
        let keys = MasterKeys::parse(&new_line(&random)).unwrap();
        let error = keys.add(&random).expect_err("there is no file");
        assert_eq!(error.code(), "master_key_not_in_a_file");
        assert!(error.message().contains("put its line before the others"), "{error}");
        assert_eq!(keys.remove(keys.current_id()).expect_err("no file").code(), error.code());
    }

    #[test]
    fn a_file_that_is_gone_or_that_others_may_read_is_left_alone() {
        let (_folder, path) = folder();
        let keys = MasterKeys::create_file(&path, &Random::system()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = keys.reread().expect_err("others may read it");
        assert!(error.message().contains("chmod 600"), "{error}");
        fs::remove_file(&path).unwrap();
        assert_eq!(keys.add(&Random::system()).expect_err("gone").code(), "master_key_file");
        assert!(!path.exists());
    }
}
