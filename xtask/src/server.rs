//! A server process that the drivers start and kill.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::connection::{Call, Connection, Target};

const PUBLIC_KEY: &str = "pk-tk-test-0000";
const SECRET_KEY: &str = "sk-tk-test-0000";
/// Longer than recovery may ever take here.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// The promise of the server's command line.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// How to start the server.
#[derive(Debug)]
pub(crate) struct Launch {
    bin: PathBuf,
    data: PathBuf,
    log: PathBuf,
}

impl Launch {
    /// Data and log go into `folder`, which must be empty or absent.
    pub(crate) fn new(bin: &Path, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        if std::fs::read_dir(folder)?.next().is_some() {
            bail!("{} is not empty; name another folder", folder.display());
        }
        let log = folder.join("server.log");
        Ok(Self { bin: bin.to_owned(), data: folder.join("data"), log })
    }

    /// Starts the server and waits until it is ready.
    pub(crate) async fn start(&self) -> Result<Server> {
        let began = Instant::now();
        let [listen, grpc] = free_addresses()?;
        let target = Target::new(&format!("http://{listen}/v1/traces"), SECRET_KEY)?;
        let log = File::options().create(true).append(true).open(&self.log)?;
        let child = Command::new(&self.bin)
            .arg("serve")
            .arg("--data")
            .arg(&self.data)
            .args(["--listen", &listen, "--otlp-grpc", &grpc])
            .env("TRACEKEEP_INIT_PROJECT_ID", "demo")
            .env("TRACEKEEP_INIT_PROJECT_NAME", "demo")
            .env("TRACEKEEP_INIT_PROJECT_PUBLIC_KEY", PUBLIC_KEY)
            .env("TRACEKEEP_INIT_PROJECT_SECRET_KEY", SECRET_KEY)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} cannot be started", self.bin.display()))?;
        let mut server = Server { child, target, started_in: Duration::ZERO };
        self.wait_until_ready(&mut server, began).await?;
        server.started_in = began.elapsed();
        Ok(server)
    }

    async fn wait_until_ready(&self, server: &mut Server, began: Instant) -> Result<()> {
        let mut connection = Connection::new(&server.target);
        while began.elapsed() < READY_WITHIN {
            let reply = connection.send(Call::get("/api/ready")).await;
            if reply.is_ok_and(|reply| reply.status == 200) {
                return Ok(());
            }
            if let Some(status) = server.child.try_wait()? {
                bail!(
                    "the server ended with {status} before it was ready; see {}",
                    self.log.display()
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the server was not ready within {READY_WITHIN:?}; see {}", self.log.display())
    }
}

/// A running server. It is killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Its OTLP/HTTP endpoint, with the key of its project.
    pub(crate) target: Target,
    /// From its start to its readiness.
    pub(crate) started_in: Duration,
}

impl Server {
    /// `kill -9`
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end and checks that it does so in time and with exit code 0.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status()?;
        if !told.success() {
            bail!("the server was gone before it was asked to end");
        }
        let began = Instant::now();
        while began.elapsed() < STOP_WITHIN {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("the server ended with {status} after SIGTERM"),
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        bail!("the server did not end within {STOP_WITHIN:?} of SIGTERM")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail if it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Both are held at once, so that they differ.
fn free_addresses() -> Result<[String; 2]> {
    let one = TcpListener::bind("127.0.0.1:0")?;
    let two = TcpListener::bind("127.0.0.1:0")?;
    Ok([one.local_addr()?.to_string(), two.local_addr()?.to_string()])
}
