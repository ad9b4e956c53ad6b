//! Builds everything, runs it, and takes it down again.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::TcpIncoming;
use tracekeep_archive::Archive;
use tracekeep_archive_embedded::{Embedded, Options};
use tracekeep_control::{Bootstrap, Control, FreshKeys, KeyPair, Vault};
use tracekeep_prices::BookPrices;
use tracekeep_redact::Redactor;

use crate::config::{self, Config};
use crate::demo::Demo;
use crate::estimates::{self, Ear};
use crate::gateway::Gateway;
use crate::gateway::limits::Limits;
use crate::gateway::providers::Providers;
use crate::gateway::recorder::Recorder;
use crate::gateway::virtual_model::VirtualModels;
use crate::intake::body::BodyLimits;
use crate::intake::otlp_grpc;
use crate::live::Hub;
use crate::pipeline::{MemoryLimits, Pipeline};
use crate::project_prices::PriceTable;
use crate::retention::Retention;
use crate::telemetry::{Metrics, Readings};
use crate::{api, clock, demo, upkeep};

/// Why the server stopped, or did not start.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Half of the memory at which writers wait, at least.
const LEAST_MEMORY: u64 = 64 << 20;
/// How long sealing and compaction may take after that.
const LAST_ROUND: Duration = Duration::from_secs(1);
/// How long calls of models may go on once the server was told to stop.
const CALLS_MAY_RUN: Duration = Duration::from_secs(5);
/// How long open requests may take once the server was told to stop.
const DRAIN: Duration = Duration::from_secs(8);

/// The note of the key that the demo sends and its link reads with: each start has one of its own.
const DEMO_KEY: &str = "demo";

/// What handlers share.
pub(crate) struct App {
    pub(crate) control: Arc<Control>,
    pub(crate) providers: Providers,
    pub(crate) virtual_models: VirtualModels,
    pub(crate) limits: Arc<Limits>,
    pub(crate) prices: Arc<PriceTable>,
    pub(crate) archive: Arc<dyn Archive>,
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) bodies: BodyLimits,
    pub(crate) retention: Retention,
    pub(crate) live: Arc<Hub>,
    pub(crate) gateway: Gateway,
    /// Where it takes OTLP over gRPC.
    pub(crate) otlp_grpc: SocketAddr,
    /// Cancelled when the server stops: ends open streams.
    pub(crate) stop: CancellationToken,
    started: Instant,
}

impl App {
    pub(crate) fn readings(&self) -> Readings {
        Readings {
            journal: self.pipeline.journal(),
            archive: self.archive.status(),
            uptime_seconds: self.started.elapsed().as_secs_f64(),
        }
    }
}

/// A server that listens, not yet told to stop.
struct Running {
    app: Arc<App>,
    address: SocketAddr,
    bootstrap: Bootstrap,
    stop: CancellationToken,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    grpc: tokio::task::JoinHandle<Result<(), tonic::transport::Error>>,
    grpc_address: SocketAddr,
    upkeep: tokio::task::JoinHandle<()>,
}

/// Serves until SIGTERM or Ctrl-C.
pub(crate) async fn serve(config: Config) -> Result<(), Failure> {
    let running = start(&config).await?;
    announce(&running, &config);
    stopped().await;
    drain(running).await
}

/// Serves, and sends lifelike traffic to it, until SIGTERM or Ctrl-C.
pub(crate) async fn demo(config: Config) -> Result<(), Failure> {
    let running = start(&config).await?;
    announce(&running, &config);
    let pair = KeyPair::generate(&mut rand::rng());
    let control = &running.app.control;
    let project = control.projects().await?.into_iter().next().ok_or("there is no project")?;
    // The secret of the last start is known to nobody any more.
    control.rotate_key(&project.id, &pair, DEMO_KEY, clock::now_micros()).await?;
    say(&format!(
        "  look at it now          http://{}/#key={}",
        running.address,
        pair.secret().expose()
    ));
    say("  demo traffic is running; stop with Ctrl-C\n");
    let traffic = Demo {
        base_url: format!("http://{}", running.address),
        secret_key: pair.secret().expose().to_owned(),
        seed: config.demo_seed,
        now_micros: clock::now_micros,
    };
    let stop = running.stop.child_token();
    let traffic = tokio::spawn(demo::run(traffic, stop.clone()));
    stopped().await;
    stop.cancel();
    traffic.await?;
    drain(running).await
}

async fn start(config: &Config) -> Result<Running, Failure> {
    let data = &config.data;
    std::fs::create_dir_all(data).map_err(|error| format!("{}: {error}", data.display()))?;
    let metrics = Arc::new(Metrics::new());
    let live = Arc::new(Hub::default());
    let stop = CancellationToken::new();
    let (ear, heard) = Ear::of(config.estimate_tokens, &metrics);
    let prices = Arc::new(PriceTable::new(Arc::new(BookPrices::embedded())));
    let archive = open_archive(config, prices.clone()).await?;
    // The archive's lock is held from here on: no other process has this folder.
    let control = Arc::new(Control::open(&data.join("control.db")).await?);
    // Before the journal is read back: what comes of it has prices.
    prices.refresh(&control).await?;
    let opened = open_pipeline(config, archive.clone(), live.clone(), ear, metrics.clone());
    let pipeline = opened.await?;
    // Before keys are made: they are shown once, by a start that succeeds.
    let listener = listen(config.listen, "--listen").await?;
    let grpc_listener = listen(config.otlp_grpc, "--otlp-grpc").await?;
    let grpc_address = grpc_listener.local_addr()?;
    let address = listener.local_addr()?;
    let providers = Providers::new(control.clone(), vault(config), config.providers.clone());
    let virtual_models = VirtualModels::new(control.clone());
    let estimating = config.estimate_tokens;
    let limits = Limits::new(control.clone(), prices.clone(), metrics.clone(), estimating);
    let limits = Arc::new(limits);
    let init = config::init(|name| std::env::var(name).ok());
    let fresh = FreshKeys::generate(&mut rand::rng());
    let bootstrap = control.bootstrap(&init, fresh, clock::now_micros()).await?;
    let retention = Retention::new(&control.projects().await?);
    let cut = CancellationToken::new();
    let (recorder, _) =
        Recorder::start(pipeline.clone(), metrics.clone(), live.clone(), cut.clone());
    tokio::spawn(cut_calls(stop.clone(), cut));
    let gateway = Gateway::new(recorder, |name| std::env::var(name).ok());
    let mib = |n: u32| n as usize * 1_024 * 1_024;
    let app = Arc::new(App {
        control,
        providers,
        virtual_models,
        limits: limits.clone(),
        prices,
        archive: archive.clone(),
        pipeline: pipeline.clone(),
        metrics: metrics.clone(),
        bodies: BodyLimits::new(mib(config.max_body_mib), mib(config.max_in_flight_mib)),
        retention,
        live,
        gateway,
        otlp_grpc: grpc_address,
        stop: stop.clone(),
        started: Instant::now(),
    });
    // Answers are small; a connection that keeps the default merely waits longer for them.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let every = Duration::from_secs(config.seal_seconds.into());
    let counter = estimates::Counter {
        archive: archive.clone(),
        pipeline: pipeline.clone(),
        metrics,
        patience: Duration::from_secs(config.estimate_tokens_after_seconds.into()),
        stop: stop.clone(),
    };
    let estimating = estimates::run(counter, heard);
    let sealing = upkeep::seal(archive.clone(), pipeline, every, stop.clone());
    let compacting = upkeep::compact(archive, stop.clone());
    let retaining = upkeep::retain(app.clone(), stop.clone());
    let pricing = upkeep::learn_prices(app.clone(), stop.clone());
    let storing = upkeep::store_spending(limits, stop.clone());
    let upkeep = tokio::spawn(async {
        tokio::join!(sealing, compacting, retaining, pricing, storing, estimating);
    });
    let incoming = TcpIncoming::from(grpc_listener).with_nodelay(Some(true));
    let grpc = tokio::spawn(otlp_grpc::serve(app.clone(), incoming, stop.clone()));
    let service = api::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = stop.clone().cancelled_owned();
    let server = axum::serve(listener, service).with_graceful_shutdown(stopping);
    Ok(Running {
        app,
        address,
        bootstrap,
        stop,
        server: tokio::spawn(server.into_future()),
        grpc,
        grpc_address,
        upkeep,
    })
}

/// What seals credentials. Without a usable key the server runs all the same: traces need none.
fn vault(config: &Config) -> Vault {
    let vault = match &config.secret_key {
        Some(key) => Vault::new(key.clone()),
        None => Vault::of_file(&config.data.join("secret.key"), &mut rand::rng()),
    };
    if let Some(problem) = vault.problem() {
        tracing::warn!(problem, "credentials of providers can be neither stored nor used");
    }
    vault
}

/// Ends calls of models that still run a while after the server was told to stop, so that their traces
/// say so.
async fn cut_calls(stop: CancellationToken, cut: CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(CALLS_MAY_RUN).await;
    cut.cancel();
}

async fn listen(address: SocketAddr, flag: &str) -> Result<TcpListener, Failure> {
    let failed = |error| format!("cannot listen on {address}: {error}; choose another with {flag}");
    Ok(TcpListener::bind(address).await.map_err(failed)?)
}

/// Opens the archive; that takes a while, and is done beside the runtime.
async fn open_archive(
    config: &Config,
    prices: Arc<PriceTable>,
) -> Result<Arc<dyn Archive>, Failure> {
    let dir = config.data.join("archive");
    let most_trace_spans = config.max_trace_spans as usize;
    tokio::task::spawn_blocking(move || {
        let options = Options { most_trace_spans, prices, ..Options::new(dir) };
        let archive: Arc<dyn Archive> = Arc::new(Embedded::open(options)?);
        Ok(archive)
    })
    .await?
}

/// Opens the journal; reading it back takes long, and is done beside the runtime.
async fn open_pipeline(
    config: &Config,
    archive: Arc<dyn Archive>,
    live: Arc<Hub>,
    ear: Ear,
    metrics: Arc<Metrics>,
) -> Result<Arc<Pipeline>, Failure> {
    let (data, redactor) = (config.data.clone(), Redactor::new(config.masking()));
    let seal = u64::from(config.seal_mib) << 20;
    // However early memory is sealed, one trace brought back must not make all writers wait.
    let full = seal.max(LEAST_MEMORY);
    let memory = MemoryLimits { seal, wait: full * 2, refuse: full * 3 };
    tokio::task::spawn_blocking(move || {
        let pipeline = Pipeline::open(&data, redactor, archive, live, ear, metrics, memory)?;
        Ok(Arc::new(pipeline))
    })
    .await?
}

async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(interrupt.await),
    }
}

/// Finishes open requests, then leaves everything durable; the next start replays the journal.
async fn drain(running: Running) -> Result<(), Failure> {
    tracing::info!("stopping");
    running.stop.cancel();
    let open = async { tokio::join!(running.server, running.grpc) };
    if tokio::time::timeout(DRAIN, open).await.is_err() {
        tracing::warn!("requests were still open after {DRAIN:?} and were cut off");
    }
    // What is known of calls that were cut off is written too.
    if tokio::time::timeout(LAST_ROUND, running.app.gateway.settled()).await.is_err() {
        tracing::warn!("what is known of some calls was not written");
    }
    let stored = running.app.limits.store_all(clock::now());
    if tokio::time::timeout(LAST_ROUND, stored).await.is_err() {
        tracing::warn!("some of what keys have spent last was not stored");
    }
    // A compaction may take long; one that is cut off leaves a folder that the next start removes.
    if tokio::time::timeout(LAST_ROUND, running.upkeep).await.is_err() {
        tracing::info!("a compaction is left to the next start");
    }
    running.app.control.close().await;
    Ok(())
}

fn announce(running: &Running, config: &Config) {
    tracing::info!(address = %running.address, data = %config.data.display(), "listening");
    say(&format!("\n  Tracekeep is running    http://{}", running.address));
    say(&format!("  OTLP over gRPC          http://{}", running.grpc_address));
    if let Bootstrap::Created { project, generated } = &running.bootstrap {
        say(&format!("  project                 {} ({})", project.name, project.id));
        if let Some(pair) = generated {
            say(&format!("  public key              {}", pair.public()));
            say(&format!("  secret key              {}", pair.secret().expose()));
            say("  Keep the secret key: it is shown only now.");
        }
    }
    say(&format!("  data                    {}\n", config.data.display()));
}

/// To who started the server. Nobody may be listening any more, which is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
