//! A server process with its own data folder, and a client with its keys.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PUBLIC: &str = "pk-tk-test-0000";
pub(crate) const SECRET: &str = "sk-tk-test-0000";

pub(crate) struct Server {
    child: Child,
    base: String,
    client: reqwest::Client,
    data: Arc<TempDir>,
}

impl Server {
    /// With an empty data folder.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With settings from the environment.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), variables).await
    }

    /// With a data folder that may have been used before.
    pub(crate) async fn start_in(data: Arc<TempDir>, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tracekeep"))
            .args(["serve", "--listen", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .env("TRACEKEEP_INIT_PROJECT_ID", "test")
            .env("TRACEKEEP_INIT_PROJECT_PUBLIC_KEY", PUBLIC)
            .env("TRACEKEEP_INIT_PROJECT_SECRET_KEY", SECRET)
            // Tests send times that stay as they are while the years go by.
            .env("TRACEKEEP_INIT_PROJECT_RETENTION", "36500")
            .env("TRACEKEEP_LOG", "warn")
            // What a test calls is on this machine, whatever proxy the machine has.
            .env("NO_PROXY", "*")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let base = lines
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("http://").map(|(_, address)| format!("http://{}", address.trim()))
            })
            .expect("the server says where it listens");
        Self { child, base, client: reqwest::Client::new(), data }
    }

    /// `kill -9`, then a start in the same folder.
    pub(crate) async fn killed_and_started_again(mut self) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let data = self.data.clone();
        drop(self);
        Self::start_in(data, &[]).await
    }

    /// SIGTERM; gives back the exit code and how long it took.
    pub(crate) fn terminate(&mut self) -> (Option<i32>, Duration) {
        let began = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        (status.code(), began.elapsed())
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    pub(crate) fn folder(&self) -> Arc<TempDir> {
        self.data.clone()
    }

    /// A request with the secret key.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(SECRET)
    }

    /// A request without credentials.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        answer(self.request(Method::POST, path).json(body).send().await.unwrap()).await
    }

    /// A post that must be accepted.
    pub(crate) async fn posted(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.post(path, body).await;
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// What must be there.
    pub(crate) async fn got(&self, path: &str) -> Value {
        let (status, answer) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn answer(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
