//! Frames: a length of four bytes, least significant first, then as many bytes of JSON.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _};

const LENGTH_BYTES: usize = 4;

/// A message as the bytes of a frame, so that it is written at once.
pub fn encode(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; LENGTH_BYTES];
    serde_json::to_writer(&mut frame, message)?;
    let length = u32::try_from(frame.len() - LENGTH_BYTES).map_err(io::Error::other)?;
    frame[..LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

/// What a frame of at most `bytes_max` holds, read by a thread that may block. `None` at the end
/// of the stream.
pub fn read(source: &mut impl Read, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; LENGTH_BYTES];
    match source.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        done => done?,
    }
    let mut content = vec![0; checked(length, bytes_max)?];
    source.read_exact(&mut content)?;
    Ok(Some(content))
}

/// Writes a message by a thread that may block.
pub fn write(target: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    target.write_all(&encode(message)?)?;
    target.flush()
}

/// A message of at most `bytes_max`, read by a task.
pub async fn receive<T: DeserializeOwned>(
    source: &mut (impl AsyncRead + Unpin),
    bytes_max: usize,
) -> io::Result<T> {
    let mut length = [0; LENGTH_BYTES];
    source.read_exact(&mut length).await?;
    let length = checked(length, bytes_max)?;
    // Not allocated at once: the other side may promise more than it sends.
    let mut content = Vec::new();
    let limit = u64::try_from(length).map_err(io::Error::other)?;
    source.take(limit).read_to_end(&mut content).await?;
    if content.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&content)?)
}

fn checked(length: [u8; LENGTH_BYTES], bytes_max: usize) -> io::Result<usize> {
    let length = usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?;
    if length > bytes_max {
        let message = format!("a frame of {length} bytes is larger than {bytes_max}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_written_and_then_the_stream_ends() {
        let mut stream = Vec::new();
        write(&mut stream, &"hello").expect("memory takes it");
        let mut source = stream.as_slice();
        let content = read(&mut source, 100).expect("it reads").expect("a frame");
        assert_eq!(content, b"\"hello\"");
        assert!(read(&mut source, 100).expect("the end").is_none());
    }

    #[test]
    fn a_frame_above_its_bound_is_refused_before_it_is_read() {
        let mut source = [255_u8; 8].as_slice();
        let error = read(&mut source, 100).expect_err("too large");
        assert_eq!(error.to_string(), "a frame of 4294967295 bytes is larger than 100");
    }
}
