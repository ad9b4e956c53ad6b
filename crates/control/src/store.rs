//! The store itself: opening its file, its connections, its schema.

use std::{fmt, path::Path, time::Duration};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{error::ControlError, key_cache::KeyCache, migrations};

/// How long a statement waits for another connection's or process's write before it fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections of a file store. Requests are answered from the cache, so few are needed.
const CONNECTIONS: u32 = 4;

/// The control store: organisations, projects and API keys.
///
/// One per process: a revocation reaches the requests of this value at once, those of another
/// value on the same file within 30 seconds.
pub struct Control {
    pub(crate) pool: SqlitePool,
    /// Answers of the database to presented keys. Every change of keys must tell it.
    pub(crate) cache: KeyCache,
}

impl Control {
    /// Opens the store at `path`, by convention `control.db` in the data folder, and brings its
    /// schema up to date. A missing file is made, readable by its owner only; a missing folder
    /// is an error. The caller holds the data folder's lock: SQLite offers sqlx none, so two
    /// processes must not migrate one file at the same moment.
    ///
    /// # Errors
    ///
    /// [`ControlError::Open`], [`ControlError::NewerSchema`], [`ControlError::Migrate`].
    pub async fn open(path: &Path) -> Result<Self, ControlError> {
        create_private(path).await.map_err(|error| open_error(path, error.into()))?;
        let options = options()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // With WAL the default would do for consistency, but a commit could be lost when the
            // power fails: a revoked key would work again.
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
        Self::connect(path, pool, options).await
    }

    /// Opens an empty store that lives as long as this value.
    ///
    /// # Errors
    ///
    /// As [`Control::open`], though none is to be expected.
    pub async fn open_in_memory() -> Result<Self, ControlError> {
        let path = Path::new(":memory:");
        // Each connection to :memory: is a database of its own, gone when it closes: one
        // connection, kept for good.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None::<Duration>)
            .max_lifetime(None::<Duration>);
        Self::connect(path, pool, options().filename(path)).await
    }

    async fn connect(
        path: &Path,
        pool: SqlitePoolOptions,
        options: SqliteConnectOptions,
    ) -> Result<Self, ControlError> {
        let pool = pool.connect_with(options).await.map_err(|source| open_error(path, source))?;
        migrate(&pool, path).await?;
        Ok(Self { pool, cache: KeyCache::default() })
    }

    /// Closes all connections; the write-ahead log is folded into the file. Later calls fail.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Begins a transaction that will write.
    ///
    /// SQLite's plain BEGIN takes the write lock at the first write. If another process writes
    /// between our first read and that point, our write fails at once, without the busy timeout,
    /// because what we read is outdated. IMMEDIATE waits for the lock first.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, ControlError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}

fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new().foreign_keys(true).busy_timeout(BUSY_TIMEOUT)
}

/// Makes the file with mode 0600 if it is missing; SQLite gives its log files the same mode.
///
/// It never opens an existing file: closing any descriptor of a file drops all the locks that
/// this process has on it, those of an open SQLite connection too (POSIX `fcntl` locks).
async fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    match options.open(path).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

async fn migrate(pool: &SqlitePool, path: &Path) -> Result<(), ControlError> {
    migrations::all().run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => {
            ControlError::NewerSchema { path: path.to_owned(), version }
        }
        source => ControlError::Migrate { path: path.to_owned(), source },
    })
}

fn open_error(path: &Path, source: sqlx::Error) -> ControlError {
    ControlError::Open { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
