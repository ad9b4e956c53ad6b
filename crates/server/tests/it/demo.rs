use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::StatusCode;

/// A running demo; its address and the key in its link.
struct Demo {
    child: Child,
    base: String,
    key: String,
}

impl Demo {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tracekeep"))
            .args(["demo", "--listen", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("TRACEKEEP_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let link = lines
            .map_while(Result::ok)
            .find_map(|line| Some(owned(line.split_once("http://")?.1.split_once("/#key=")?)))
            .expect("the demo says where to look");
        Self { child, base: format!("http://{}", link.0), key: link.1 }
    }

    async fn list(&self, key: &str) -> StatusCode {
        let url = format!("{}/api/tracing/list?limit=1", self.base);
        reqwest::Client::new().get(url).bearer_auth(key).send().await.unwrap().status()
    }
}

fn owned(link: (&str, &str)) -> (String, String) {
    (link.0.to_owned(), link.1.trim().to_owned())
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn each_start_has_its_own_key_and_the_one_before_goes() {
    let data = tempfile::tempdir().unwrap();
    let first = Demo::start(data.path());
    assert_eq!(first.list(&first.key).await, 200);
    let before = first.key.clone();
    drop(first);
    let second = Demo::start(data.path());
    assert_ne!(second.key, before);
    assert_eq!(second.list(&second.key).await, 200);
    assert_eq!(second.list(&before).await, 401);
}
