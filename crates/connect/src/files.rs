//! Files that steps hand on: their bytes lie in the store as sealed chunks, and stream in and out.

use base::{Error, ErrorKind, ExecutionId, FileId, ProjectId, Result};
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;
use store::files::{self, File};

use crate::Connect;
use crate::outbound::{Body, BodyError, body};
use crate::vault::DataKey;

/// The largest file, where no setting says otherwise.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The largest file that is read as a whole, for the guests of functions.
pub const SMALL_FILE_BYTES_MAX: u64 = 1024 * 1024;
/// How long each chunk of a file is, but for the last.
const CHUNK_BYTES: usize = 256 * 1024;
/// How many chunks one transaction writes, so that others wait shortly.
const CHUNKS_PER_COMMIT: usize = 8;
/// How much of a name or a type is kept.
const NAME_BYTES_MAX: usize = 255;

/// A file as it stands in the values of an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileValue {
    /// Its id.
    pub id: FileId,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub mime_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

impl From<File> for FileValue {
    fn from(file: File) -> Self {
        let File { id, name, mime_type, size, sha256, .. } = file;
        Self { id, name, mime_type, size, sha256 }
    }
}

/// Writes one file.
struct Writer<'w> {
    connect: &'w Connect,
    file: File,
    written: u32,
    /// Not yet sealed and written.
    waiting: Vec<Bytes>,
}

impl Writer<'_> {
    async fn add(&mut self, chunk: Bytes) -> Result<()> {
        self.waiting.push(chunk);
        if self.waiting.len() < CHUNKS_PER_COMMIT {
            return Ok(());
        }
        let mut tx = self.connect.0.store.begin().await?;
        self.write(&mut tx).await?;
        tx.commit().await
    }

    async fn write(&mut self, tx: &mut store::Transaction) -> Result<()> {
        let key = self.connect.0.vault.sealing_key(tx, self.file.project_id).await?;
        for chunk in self.waiting.drain(..) {
            let sealed = key.seal(self.file.id.uuid(), &field(self.written), &chunk);
            files::add_chunk(tx, self.file.id, self.written, &sealed).await?;
            self.written += 1;
        }
        Ok(())
    }

    async fn take_all(&mut self, mut stream: Body) -> Result<()> {
        let (mut read, mut hash) = (BytesMut::new(), Sha256::new());
        while let Some(frame) = stream.frame().await {
            let Ok(data) = frame.map_err(broke_off)?.into_data() else { continue };
            self.file.size += data.len() as u64;
            if self.file.size > self.connect.0.config.file_bytes_max {
                return Err(self.connect.too_large());
            }
            hash.update(&data);
            read.extend_from_slice(&data);
            while read.len() >= CHUNK_BYTES {
                self.add(read.split_to(CHUNK_BYTES).freeze()).await?;
            }
        }
        if !read.is_empty() {
            self.add(read.freeze()).await?;
        }
        for byte in hash.finalize() {
            let _ = write!(self.file.sha256, "{byte:02x}");
        }
        let mut tx = self.connect.0.store.begin().await?;
        self.write(&mut tx).await?;
        files::finish(&mut tx, &self.file).await?;
        tx.commit().await
    }
}

impl Connect {
    /// Keeps the bytes of a stream as a file that goes with an execution.
    ///
    /// # Errors
    /// `file_too_large`, `file_broke_off`: nothing is kept then.
    pub async fn store_file(
        &self,
        (project_id, execution_id): (ProjectId, ExecutionId),
        (name, mime_type): (&str, &str),
        bytes: Body,
    ) -> Result<FileValue> {
        if http_body::Body::size_hint(&bytes).lower() > self.0.config.file_bytes_max {
            return Err(self.too_large());
        }
        let short = |text: &str| text[..text.floor_char_boundary(NAME_BYTES_MAX)].to_owned();
        let file = File {
            id: FileId::new(&self.0.clock, &self.0.random),
            project_id,
            execution_id,
            name: short(name),
            mime_type: short(mime_type),
            size: 0,
            sha256: String::new(),
            created_at: self.0.clock.now(),
        };
        let mut tx = self.0.store.begin().await?;
        files::begin(&mut tx, &file).await?;
        tx.commit().await?;
        let mut writer = Writer { connect: self, file, written: 0, waiting: Vec::new() };
        match writer.take_all(bytes).await {
            Ok(()) => Ok(writer.file.into()),
            Err(error) => {
                self.delete_file(project_id, writer.file.id).await?;
                Err(error)
            }
        }
    }

    fn too_large(&self) -> Error {
        let most = self.0.config.file_bytes_max;
        let message = format!("The file is larger than {most} bytes, the most that one may have.");
        Error::new(ErrorKind::TooLarge, "file_too_large", message)
    }

    async fn delete_file(&self, project_id: ProjectId, id: FileId) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        files::delete(&mut tx, project_id, id).await?;
        tx.commit().await
    }

    /// The file that a value of an execution names, as a stream.
    ///
    /// # Errors
    /// `file_not_found` when there is none with this id and checksum in the project.
    pub async fn open_file(
        &self,
        project_id: ProjectId,
        value: &FileValue,
    ) -> Result<(FileValue, Body)> {
        let (file, key) = self.find_file(project_id, value).await?;
        let chunks = file.size.div_ceil(CHUNK_BYTES as u64);
        let chunks = u32::try_from(chunks).map_err(Error::internal)?;
        let (connect, id) = (self.clone(), file.id);
        let bytes = stream::unfold(0, move |number| {
            let (connect, key) = (connect.clone(), Arc::clone(&key));
            async move {
                if number >= chunks {
                    return None;
                }
                let chunk = connect.chunk(project_id, id, &key, number).await;
                let frame = chunk.map(Frame::data).map_err(BodyError::from);
                Some((frame, number + 1))
            }
        });
        Ok((file.into(), StreamBody::new(bytes).boxed_unsync()))
    }

    /// The whole of a small file.
    ///
    /// # Errors
    /// `file_not_found`, `file_too_large` for more than [`SMALL_FILE_BYTES_MAX`].
    pub async fn read_small_file(&self, project_id: ProjectId, value: &FileValue) -> Result<Bytes> {
        let (file, bytes) = self.open_file(project_id, value).await?;
        if file.size > SMALL_FILE_BYTES_MAX {
            let message = format!(
                "The file \"{}\" is larger than {SMALL_FILE_BYTES_MAX} bytes, the most that a \
                 function can be given.",
                file.name
            );
            return Err(Error::new(ErrorKind::TooLarge, "file_too_large", message));
        }
        let bytes_max = usize::try_from(SMALL_FILE_BYTES_MAX).map_err(Error::internal)?;
        body::gather(bytes, bytes_max).await.map_err(Error::internal)
    }

    async fn find_file(
        &self,
        project_id: ProjectId,
        value: &FileValue,
    ) -> Result<(File, Arc<DataKey>)> {
        let mut conn = self.0.store.read().await?;
        let found = files::find(&mut conn, project_id, value.id).await?;
        // Who names the checksum too has seen the file: an id alone could be guessed.
        let found = found.filter(|file| file.sha256 == value.sha256);
        let file = found.ok_or_else(|| {
            let message = "The file is gone: it is deleted with the execution that made it.";
            Error::not_found("file_not_found", message)
        })?;
        let key = self.0.vault.data_key(&mut conn, project_id).await?;
        Ok((file, key))
    }

    async fn chunk(
        &self,
        project_id: ProjectId,
        id: FileId,
        key: &DataKey,
        number: u32,
    ) -> Result<Bytes> {
        let mut conn = self.0.store.read().await?;
        let sealed = files::chunk(&mut conn, project_id, id, number).await?;
        let sealed = sealed.ok_or_else(|| Error::internal("a file lost a chunk"))?;
        let field = field(number);
        let opened = self.0.vault.open(&mut conn, key, (id.uuid(), &field), &sealed).await?;
        Ok(Bytes::copy_from_slice(opened.expose()))
    }
}

/// What a chunk is bound to, beside project and file.
pub(crate) fn field(number: u32) -> String {
    format!("chunk {number}")
}

fn broke_off(cause: BodyError) -> Error {
    let message = "The file broke off before its end.";
    Error::new(ErrorKind::Provider, "file_broke_off", message).with_source(cause)
}
