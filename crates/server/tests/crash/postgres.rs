//! A PostgreSQL that is restarted under load.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use store::Engine;
use store::testing::engines;
use tempfile::TempDir;

use crate::load::Load;
use crate::pair::until;
use crate::yard::Yard;

/// A server of the test's own, on a socket in its folder.
struct Postgres {
    folder: TempDir,
    programs: PathBuf,
}

impl Postgres {
    fn start() -> Self {
        let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
        let newest = versions.map(|entry| entry.unwrap().path()).max().unwrap();
        let made = Self { folder: TempDir::new().unwrap(), programs: newest.join("bin") };
        if made.is_root() {
            let owner = Command::new("chown").arg("postgres").arg(made.folder.path()).status();
            assert!(owner.unwrap().success());
        }
        let data = made.data();
        let data = data.to_str().unwrap();
        let options =
            ["-D", data, "-U", "gangway", "-A", "trust", "--locale=C", "-E", "UTF8", "-N"];
        made.run("initdb", &options);
        made.control("start");
        made
    }

    fn control(&self, what: &str) {
        let folder = self.folder.path().display();
        let options = format!("-k {folder} -c listen_addresses= -c max_connections=100");
        let (data, log) = (self.data(), self.folder.path().join("log"));
        let (data, log) = (data.to_str().unwrap(), log.to_str().unwrap());
        let arguments = match what {
            "stop" => vec!["-D", data, "-m", "immediate", "-w", "stop"],
            _ => vec!["-D", data, "-l", log, "-w", "-o", &options, what],
        };
        self.run("pg_ctl", &arguments);
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn is_root(&self) -> bool {
        std::fs::metadata(Path::new("/proc/self"))
            .is_ok_and(|found| std::os::unix::fs::MetadataExt::uid(&found) == 0)
    }

    /// PostgreSQL refuses to run as root.
    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if self.is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).current_dir(self.folder.path());
        command.stdout(std::process::Stdio::null());
        assert!(command.status().unwrap().success(), "{arguments:?}");
    }

    fn url(&self) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://gangway@localhost/postgres?host={folder}")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.control("stop");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgresql_is_away_triggers_are_turned_away_and_all_goes_on_when_it_is_back() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let postgres = Postgres::start();
    let yard = Yard::over(postgres.url(), None).await;
    let server = yard.made.start().await;
    let load = Load::begin(&yard, 4, Duration::from_millis(20));
    load.server(0, Some(server.port));
    let acknowledged = || load.ledger().acknowledged.len();
    until("there is a load", async || (acknowledged() > 20).then_some(())).await;
    for _ in 0..3 {
        postgres.control("stop");
        let turned = load.ledger().turned_away;
        let turned_away = async || (load.ledger().turned_away > turned).then_some(());
        until("triggers are turned away", turned_away).await;
        postgres.control("start");
        let before = acknowledged();
        until("it recovers", async || (acknowledged() > before + 20).then_some(())).await;
    }
    let ledger = load.end().await;
    yard.closes_the_books(&ledger, &[]).await;
    drop(server);
    yard.made.store.close().await;
}
