//! What the worker and an executor tell each other: frames over the executor's standard input and
//! output. A frame is its length, four bytes in little-endian order, and a SCALE encoding.
//!
//! Neither side believes the other: lengths are bounded before anything is read, and what cannot be
//! decoded to the last byte ends the conversation.

use std::{
	ffi::OsString,
	io::{self, Read, Write},
	os::unix::ffi::{OsStrExt as _, OsStringExt as _},
	path::{Path, PathBuf},
};

use codec::{Decode, DecodeAll as _, Encode};
use mutirao_types::BufferId;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The longest frame: a program of the longest kind, with its parameters and paths.
const MAX_FRAME_BYTES: u32 = 1 << 20;

/// What an executor is asked, once.
#[derive(Clone, Debug, Encode, Decode)]
pub(crate) enum Request {
	/// Which adapters there are.
	List,
	/// What one of them can do.
	Probe { adapter: String },
	/// Whether it still computes.
	Check { adapter: String },
	/// Whether it computes what the VM computes, and how fast it is.
	Conform { adapter: String, seeds: u64 },
	/// A task.
	Run(Run),
}

/// A task, for an executor.
#[derive(Clone, Debug, Encode, Decode)]
pub(crate) struct Run {
	/// The adapter's name.
	pub(crate) adapter: String,
	/// The encoded program.
	pub(crate) code: Vec<u8>,
	pub(crate) parameters: Vec<u32>,
	/// The files of the inputs, in order.
	pub(crate) inputs: Vec<FilePath>,
	/// Where results go; it is there.
	pub(crate) folder: FilePath,
	/// The most address space that the executor may take, where that can be limited.
	pub(crate) address_space: Option<u64>,
	/// How it misbehaves, in a test.
	pub(crate) fault: Option<Misbehaviour>,
}

/// How an executor misbehaves, for tests of whoever must cope with it.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
pub enum Misbehaviour {
	/// It ends at once.
	Crash,
	/// It says nothing more.
	Hang,
	/// It says what nobody understands.
	Garbage,
	/// It announces a frame that is too long.
	LongFrame,
}

/// A path, byte for byte.
#[derive(Clone, Debug, Encode, Decode)]
pub(crate) struct FilePath(Vec<u8>);

impl FilePath {
	pub(crate) fn new(path: &Path) -> Self {
		Self(path.as_os_str().as_bytes().to_vec())
	}

	pub(crate) fn path(&self) -> PathBuf {
		OsString::from_vec(self.0.clone()).into()
	}
}

/// What an executor answers.
#[derive(Clone, Debug, Encode, Decode)]
pub(crate) enum Reply {
	/// How it has confined itself: always the first.
	Confined(super::executor::Confined),
	/// To [`Request::List`].
	Listed(Vec<super::Listed>),
	/// To [`Request::Probe`].
	Probed(Probed),
	/// To [`Request::Check`]: it does.
	Healthy,
	/// To [`Request::Conform`], after each check: how many were made, of how many.
	Checked(u64, u64),
	/// To [`Request::Conform`]: every word was right.
	Conforms { steps_per_second: u64 },
	/// To [`Request::Run`], again and again.
	Progress { stage: u8, done: u64, total: u64 },
	/// To [`Request::Run`]: the buffers that were written, and how long that took.
	Finished { buffers: Vec<(u32, BufferId)>, nanoseconds: [u64; 3] },
	/// To any.
	Failed(Failure),
}

/// What an adapter can do.
#[derive(Clone, Debug, Encode, Decode)]
pub(crate) struct Probed {
	pub(crate) listed: super::Listed,
	pub(crate) loop_limit: Option<u32>,
}

/// Why an executor has no result.
#[derive(Clone, Debug, Encode, Decode)]
pub(crate) enum Failure {
	/// The program runs out of fuel.
	Fuel { pass: u32, workgroup: u32 },
	/// The task fits nothing.
	Malformed(String),
	/// The device lacks something.
	Buffer { buffer: u32, bytes: u64, most: u64 },
	/// See there.
	Memory { pass: u32, needed: u64, most: u64 },
	/// See there.
	Loops { pass: u32, limit: u32 },
	/// See there.
	Refused(String),
	/// There is no such device, or it cannot be opened.
	Missing(String),
	/// The device was lost.
	Lost(String),
	/// It computes something wrong.
	Wrong(String),
	/// A file could not be read or written; `full` if there is no room.
	File { what: String, path: FilePath, full: bool, reason: String },
}

/// Why a frame was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
	/// The other side has gone.
	#[error("the other side ended")]
	Ended,
	/// It is longer than frames are.
	#[error("a frame of {0} bytes; frames have at most {MAX_FRAME_BYTES}")]
	TooLong(u32),
	/// Its bytes are no message.
	#[error("a frame of {0} bytes that is no message")]
	Malformed(usize),
	/// Reading failed.
	#[error(transparent)]
	Io(io::Error),
}

impl From<io::Error> for FrameError {
	fn from(error: io::Error) -> Self {
		match error.kind() {
			io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => Self::Ended,
			_ => Self::Io(error),
		}
	}
}

fn length(bytes: [u8; 4]) -> Result<usize, FrameError> {
	match u32::from_le_bytes(bytes) {
		length if length <= MAX_FRAME_BYTES => Ok(length as usize),
		length => Err(FrameError::TooLong(length)),
	}
}

fn message<T: Decode>(bytes: &[u8]) -> Result<T, FrameError> {
	T::decode_all(&mut &bytes[..]).map_err(|_| FrameError::Malformed(bytes.len()))
}

/// A frame of a message.
pub(crate) fn frame(message: &impl Encode) -> Result<Vec<u8>, FrameError> {
	let bytes = message.encode();
	let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
	if length > MAX_FRAME_BYTES {
		return Err(FrameError::TooLong(length));
	}
	let mut frame = length.to_le_bytes().to_vec();
	frame.extend(bytes);
	Ok(frame)
}

/// Reads a message, on the executor's side.
pub(crate) fn read<T: Decode>(from: &mut impl Read) -> Result<T, FrameError> {
	let mut head = [0; 4];
	from.read_exact(&mut head)?;
	let mut bytes = vec![0; length(head)?];
	from.read_exact(&mut bytes)?;
	message(&bytes)
}

/// Writes a message, on the executor's side.
pub(crate) fn write(to: &mut impl Write, message: &impl Encode) -> Result<(), FrameError> {
	to.write_all(&frame(message)?)?;
	Ok(to.flush()?)
}

/// Reads a message, on the worker's side.
pub(crate) async fn receive<T: Decode>(
	from: &mut (impl AsyncRead + Unpin),
) -> Result<T, FrameError> {
	let mut head = [0; 4];
	from.read_exact(&mut head).await?;
	let mut bytes = vec![0; length(head)?];
	from.read_exact(&mut bytes).await?;
	message(&bytes)
}

/// Writes a message, on the worker's side.
pub(crate) async fn send(
	to: &mut (impl AsyncWrite + Unpin),
	message: &impl Encode,
) -> Result<(), FrameError> {
	to.write_all(&frame(message)?).await?;
	Ok(to.flush().await?)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn run() -> Request {
		Request::Run(Run {
			adapter: "llvmpipe".into(),
			code: vec![1, 2, 3],
			parameters: vec![4, 5],
			inputs: vec![FilePath::new(Path::new("/a/b"))],
			folder: FilePath::new(Path::new("/c")),
			address_space: Some(7),
			fault: Some(Misbehaviour::Hang),
		})
	}

	#[test]
	fn frames_carry_messages() {
		let mut bytes = Vec::new();
		write(&mut bytes, &run()).unwrap();
		write(&mut bytes, &Reply::Healthy).unwrap();
		let mut from = bytes.as_slice();
		let read_back: Request = read(&mut from).unwrap();
		assert_eq!(format!("{read_back:?}"), format!("{:?}", run()));
		assert!(matches!(read(&mut from), Ok(Reply::Healthy)));
		assert!(matches!(read::<Reply>(&mut from), Err(FrameError::Ended)));
	}

	#[test]
	fn hostile_frames_are_refused_before_they_are_read() {
		let long = (MAX_FRAME_BYTES + 1).to_le_bytes();
		assert!(matches!(read::<Reply>(&mut &long[..]), Err(FrameError::TooLong(_))));
		// A vector that announces more than the frame holds.
		let mut announced = 5u32.to_le_bytes().to_vec();
		announced.extend([1, 0xfe, 0xff, 0xff, 0xff]);
		assert!(matches!(read::<Reply>(&mut &announced[..]), Err(FrameError::Malformed(5))));
		let mut trailing = frame(&Reply::Healthy).unwrap();
		trailing[0] += 1;
		trailing.push(0);
		assert!(matches!(read::<Reply>(&mut &trailing[..]), Err(FrameError::Malformed(_))));
		let short = frame(&run()).unwrap();
		assert!(matches!(read::<Request>(&mut &short[..9]), Err(FrameError::Ended)));
	}
}
