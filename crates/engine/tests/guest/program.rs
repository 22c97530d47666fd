//! A guest as a program of its own, for tests that start it. With `probe ADDRESS` it locks itself
//! in as a guest does and then tries what an attacker would who had taken it over: each attempt
//! is a line that ends in "refused" or in what was reached.

#![expect(clippy::print_stdout, reason = "this is how the probe tells")]

use std::io;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitCode};

use engine::guest::{Limits, lock_in, run};
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::kill;
use nix::unistd::getppid;

/// More than a guest may ever map.
const MUCH_BYTES: usize = 4 << 30;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.as_slice() {
        [_, probe, address] if probe == "probe" => match attack(address) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        _ => run(),
    }
}

fn attack(address: &str) -> io::Result<()> {
    // What was open before must be of no use afterwards.
    let inherited = std::fs::File::open("/etc/passwd")?;
    let duplicate = || inherited.try_clone().and_then(|mut file| io::read_to_string(&mut file));
    lock_in(&Limits::default())?;
    tell("a file that was inherited", duplicate());
    tell("/etc/passwd", std::fs::read("/etc/passwd"));
    tell("its environment", std::fs::read("/proc/self/environ"));
    tell("the root folder", std::fs::read_dir("/"));
    tell("a new file", std::fs::write("/tmp/reached", "x"));
    tell("a new folder", std::fs::create_dir("/tmp/reached"));
    tell("removal", std::fs::remove_file("/tmp/reached"));
    tell("a device", std::fs::File::open("/dev/zero"));
    tell("TCP out", TcpStream::connect(address));
    tell("TCP in", TcpListener::bind("127.0.0.1:0"));
    tell("UDP", UdpSocket::bind("127.0.0.1:0"));
    tell("a Unix socket", UnixStream::pair());
    tell("a program", Command::new("/bin/true").status());
    tell("a thread", std::thread::Builder::new().spawn(|| {}));
    tell("its host's signals", kill(getppid(), None));
    tell("being looked into", prctl::set_dumpable(true));
    tell("higher limits", setrlimit(Resource::RLIMIT_NOFILE, 100, 100));
    tell("much memory", Vec::<u8>::new().try_reserve_exact(MUCH_BYTES));
    tell("variables", std::env::vars().next().ok_or("none"));
    // The inherited file is closed already; closing it again must not end the probe.
    std::mem::forget(inherited);
    Ok(())
}

fn tell<T, E>(what: &str, attempt: Result<T, E>) {
    let outcome = if attempt.is_ok() { "reached" } else { "refused" };
    println!("{what}: {outcome}");
}
