//! The databases themselves: everything that differs between SQLite and PostgreSQL stands here.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use base::{Error, ErrorKind, Result};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, ConnectOptions as _, Executor as _, Row as _, pool::PoolConnection};

use crate::error::database_error;
use crate::{migrate, sqlite_file};

/// What the functions of this crate work on: a transaction, or a connection for reading.
pub type Connection = sqlx::AnyConnection;

/// How long a caller waits for a free connection before "busy" is the answer.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that only read. SQLite readers do not block its one writer.
const READERS_MAX: u32 = 8;

/// Set on every SQLite connection. `full` makes a commit survive a power cut; `secure_delete`
/// overwrites what is deleted, so that a shredded key is gone from the file too.
const SQLITE_PRAGMAS: &str = "pragma busy_timeout = 5000; pragma journal_mode = wal; \
     pragma synchronous = full; pragma foreign_keys = on; pragma secure_delete = on;";

/// Set on every PostgreSQL connection: a process that is held up within a transaction loses it, and
/// with it the locks for which all others would wait.
const POSTGRES_SETTINGS: &str = "set idle_in_transaction_session_timeout = 10000";

/// Which database engine is behind a [`Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, one writing process.
    Sqlite,
    /// A server that several processes share.
    Postgres,
}

impl Engine {
    pub(crate) fn of(url: &str) -> Result<Self> {
        match url.split(':').next() {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            _ => Err(Error::invalid(
                "database_url",
                "The database address must begin with sqlite: or postgres:.",
            )),
        }
    }

    const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin",
        }
    }
}

/// Whether this connection leads to PostgreSQL, where others write at the same time.
pub(crate) fn is_shared(conn: &Connection) -> bool {
    conn.backend_name() == "PostgreSQL"
}

/// An open database with its schema up to date. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
    readers: AnyPool,
    /// On SQLite a pool of one: every write of the process queues for it instead of failing busy.
    writers: AnyPool,
}

/// How many connections a pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize {
    /// `read`, `write`, or `all` where both are one.
    pub name: &'static str,
    /// Those that lie ready.
    pub idle: usize,
    /// Those in use.
    pub used: usize,
}

impl Store {
    /// Opens `url` (`sqlite:///path/file.db` or `postgres://…`), creates the file if there is none
    /// and brings the schema up to date.
    ///
    /// # Errors
    /// `database_unreachable`, `database_collation`, `database_newer` (the schema was written by a
    /// later version of Gangway).
    pub async fn open(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let engine = Engine::of(url)?;
        if engine == Engine::Sqlite {
            sqlite_file::make(url).map_err(|cause| unreachable_database(engine, cause))?;
        }
        let writers_max = if engine == Engine::Sqlite { 1 } else { READERS_MAX };
        let writers = connect(engine, url, writers_max).await?;
        let readers = match engine {
            Engine::Sqlite => connect(engine, url, READERS_MAX).await?,
            Engine::Postgres => writers.clone(),
        };
        let store = Self { engine, readers, writers };
        if let Err(error) = store.prepare().await {
            // What was begun is undone before anyone else looks at the database.
            store.close().await;
            return Err(error);
        }
        Ok(store)
    }

    async fn prepare(&self) -> Result<()> {
        if self.engine == Engine::Postgres {
            self.require_c_collation().await?;
        }
        let mut conn = self.writers.acquire().await.map_err(database_error)?;
        migrate::prepare(&mut conn).await?;
        drop(conn);
        let mut tx = self.begin().await?;
        migrate::run(&mut tx, self.engine).await?;
        tx.commit().await
    }

    /// Which engine this is.
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// A connection for reading. Writing goes through [`Store::begin`].
    pub async fn read(&self) -> Result<PoolConnection<Any>> {
        self.readers.acquire().await.map_err(database_error)
    }

    /// Begins a transaction. Dropping it without [`Transaction::commit`] undoes it.
    pub async fn begin(&self) -> Result<Transaction> {
        let begin = self.engine.begin();
        let inner = self.writers.begin_with(begin).await.map_err(database_error)?;
        Ok(Transaction(inner))
    }

    /// The pools and how many connections each has now.
    pub fn pools(&self) -> Vec<PoolSize> {
        let size = |name, pool: &AnyPool| {
            let (all, idle) = (pool.size() as usize, pool.num_idle());
            PoolSize { name, idle, used: all.saturating_sub(idle) }
        };
        match self.engine {
            Engine::Sqlite => vec![size("read", &self.readers), size("write", &self.writers)],
            Engine::Postgres => vec![size("all", &self.writers)],
        }
    }

    /// Answers whether the database can be read now.
    pub async fn ping(&self) -> Result<()> {
        let mut conn = self.read().await?;
        conn.execute("select 1").await.map(drop).map_err(database_error)
    }

    /// Closes every connection; on SQLite this also folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }

    /// Text must sort by bytes, as it does in SQLite, or pages and ranges would differ. The
    /// database is asked to sort, because a locale has many names and providers.
    async fn require_c_collation(&self) -> Result<()> {
        let sql = "select cast(current_database() as text) as name, cast(sum(case \
                   when lesser < greater then 0 else 1 end) as bigint) as wrong \
                   from (values ('B', 'a'), ('a-b', 'ab'), ('Z', '_')) as pair (lesser, greater)";
        let mut conn = self.read().await?;
        let row = sqlx::query(sql).fetch_one(&mut *conn).await.map_err(database_error)?;
        let name: String = row.try_get("name").map_err(database_error)?;
        if row.try_get::<i64, _>("wrong").map_err(database_error)? == 0 {
            return Ok(());
        }
        Err(Error::invalid(
            "database_collation",
            format!(
                "The database \"{name}\" sorts text by the rules of a language; Gangway needs the \
                 order of bytes. Create an empty one with: createdb --template=template0 \
                 --encoding=UTF8 --locale-provider=libc --locale=C {name}"
            ),
        ))
    }
}

async fn connect(engine: Engine, url: &str, connections_max: u32) -> Result<AnyPool> {
    let options: AnyConnectOptions =
        url.parse().map_err(|e: sqlx::Error| unreachable_database(engine, e))?;
    AnyPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |conn, _| {
            Box::pin(async move {
                let settings = match engine {
                    Engine::Sqlite => SQLITE_PRAGMAS,
                    Engine::Postgres => POSTGRES_SETTINGS,
                };
                conn.execute(sqlx::raw_sql(settings)).await?;
                Ok(())
            })
        })
        .connect_with(options.disable_statement_logging())
        .await
        .map_err(|e| unreachable_database(engine, e))
}

fn unreachable_database(engine: Engine, cause: sqlx::Error) -> Error {
    let message = match engine {
        Engine::Sqlite => {
            "The SQLite file cannot be opened: check that its folder exists and may be written."
        }
        Engine::Postgres => {
            "PostgreSQL cannot be reached: check the address, the user and the password in \
             [database] url, and that the server runs."
        }
    };
    Error::new(ErrorKind::Unavailable, "database_unreachable", message).with_source(cause)
}

/// A transaction; use it as a [`Connection`].
pub struct Transaction(sqlx::Transaction<'static, Any>);

impl Transaction {
    /// Makes everything done in it durable.
    pub async fn commit(self) -> Result<()> {
        self.0.commit().await.map_err(database_error)
    }
}

impl Deref for Transaction {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}
