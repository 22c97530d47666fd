//! Fresh databases for tests, one for each test and engine.
//!
//! A test runs on SQLite and on PostgreSQL, always. `GANGWAY_TEST_POSTGRES_URL` names a PostgreSQL
//! server on which schemas may be made and dropped; `GANGWAY_TEST_ENGINES=sqlite` leaves the
//! PostgreSQL half out for a quick local run.

pub mod host;

use std::path::Path;

use base::Random;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tempfile::TempDir;

use crate::{Engine, Store};

const NO_SERVER: &str = "The PostgreSQL half of this test needs a server. Run `make test`, which \
                         starts one, or name one in GANGWAY_TEST_POSTGRES_URL; for a quick run on \
                         SQLite alone set GANGWAY_TEST_ENGINES=sqlite.";

/// The engines that tests run on.
///
/// # Panics
/// When `GANGWAY_TEST_ENGINES` names another engine.
pub fn engines() -> Vec<Engine> {
    let names = std::env::var("GANGWAY_TEST_ENGINES").unwrap_or("sqlite,postgres".to_owned());
    let engine = |name: &str| match name.trim() {
        "sqlite" => Engine::Sqlite,
        "postgres" => Engine::Postgres,
        other => panic!("GANGWAY_TEST_ENGINES knows sqlite and postgres, not \"{other}\""),
    };
    names.split(',').map(engine).collect()
}

/// Runs a test's body once on each engine, with a store that is empty and its own.
pub async fn on_each_engine(body: impl AsyncFn(Store)) {
    for engine in engines() {
        let database = TestDatabase::fresh(engine).await;
        let store = Store::open(&database.url).await.expect("a fresh database opens");
        body(store.clone()).await;
        store.close().await;
    }
}

/// An empty database that goes when this is dropped.
pub struct TestDatabase {
    /// Its address for [`Store::open`].
    pub url: String,
    home: Home,
}

enum Home {
    Folder(TempDir),
    Schema { server: String, name: String },
}

impl TestDatabase {
    /// An empty database: an SQLite file in memory where the system has such a place, or a schema
    /// of its own on the PostgreSQL server.
    ///
    /// # Panics
    /// When there is no server, or it cannot be used.
    pub async fn fresh(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::file(),
            Engine::Postgres => {
                let server = std::env::var("GANGWAY_TEST_POSTGRES_URL").expect(NO_SERVER);
                Self::schema(server).await
            }
        }
    }

    fn file() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
        let folder = folder.expect("a folder for the test's database");
        let url = format!("sqlite://{}/gangway.db", folder.path().display());
        Self { url, home: Home::Folder(folder) }
    }

    async fn schema(server: String) -> Self {
        let name = format!("test_{:032x}", u128::from_le_bytes(Random::system().bytes()));
        run(&server, format!("create schema {name}")).await.expect("a schema for the test");
        let separator = if server.contains('?') { '&' } else { '?' };
        let url =
            format!("{server}{separator}application_name={name}&options=-csearch_path%3D{name}");
        Self { url, home: Home::Schema { server, name } }
    }

    /// The SQLite file, where it is one.
    pub fn path(&self) -> Option<std::path::PathBuf> {
        match &self.home {
            Home::Folder(folder) => Some(folder.path().join("gangway.db")),
            Home::Schema { .. } => None,
        }
    }

    /// Runs a statement beside the store, as an operator or a newer version would.
    ///
    /// # Panics
    /// When the database refuses it.
    pub async fn run(&self, sql: &str) {
        run(&self.url, sql.to_owned()).await.expect("the database runs the test's statement");
    }
}

impl Drop for TestDatabase {
    /// Dropping a schema is asynchronous and must also happen while a failed test unwinds, when
    /// its own runtime can no longer be waited for: so another thread does it.
    fn drop(&mut self) {
        let Home::Schema { server, name } = &self.home else { return };
        // Connections that a failed test left open would hold their locks for as long as this waits.
        let sql = format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = \
             '{name}'; drop schema {name} cascade"
        );
        let server = server.clone();
        let drop = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(run(&server, sql)).map_err(std::io::Error::other)
        };
        if let Ok(Err(error)) = std::thread::spawn(drop).join() {
            tracing::warn!(%error, schema = %name, "a test's schema stays behind");
        }
    }
}

async fn run(url: &str, sql: String) -> Result<(), sqlx::Error> {
    sqlx::any::install_default_drivers();
    let mut conn = AnyConnection::connect(url).await?;
    conn.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await?;
    conn.close().await
}
