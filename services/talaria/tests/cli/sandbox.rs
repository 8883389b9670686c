//! `talaria sandbox`: the stand-ins alone, until they are told to stop.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{REPOSITORY, stderr, talaria};

/// A program that is killed when a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts the sandbox; where its first line says that it listens.
    fn start(arguments: &[&str], environment: &[(&str, &str)]) -> (Self, String) {
        let child = Command::new(env!("CARGO_BIN_EXE_talaria"))
            .current_dir(REPOSITORY)
            .arg("sandbox")
            .args(arguments)
            .env_clear()
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut running = Self(child);
        let mut line = String::new();
        let output = running.0.stdout.as_mut().expect("it is piped");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("a first line");
        let (_, rest) = line.split_once("http://").expect("where it listens");
        let (address, _) = rest.split_once(';').expect("and what to do there");
        (running, address.to_owned())
    }

    /// SIGTERM; its exit code and what it said on standard error.
    fn stop(mut self) -> (Option<i32>, String) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill is there").success());
        let code = self.0.wait().expect("a child").code();
        let mut log = String::new();
        let errors = self.0.stderr.as_mut().expect("it is piped");
        errors.read_to_string(&mut log).expect("text");
        (code, log)
    }
}

async fn status(address: &str, path: &str, host: &str) -> u16 {
    let client = reqwest::Client::builder().build().expect("a client");
    let request = client
        .get(format!("http://{address}{path}"))
        .header("host", host);
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn it_stands_in_until_it_is_told_to_stop() {
    let (sandbox, address) = Running::start(&["--listen", "127.0.0.1:0"], &[]);
    let client = reqwest::Client::builder().build().expect("a client");
    let call = client
        .post(format!("http://{address}/crm/leads"))
        .body("{}");
    assert_eq!(call.send().await.expect("an answer").status(), 200);
    let shown = client.get(format!("http://{address}/requests"));
    let shown = shown.send().await.expect("an answer").text().await;
    let shown: Value = serde_json::from_str(&shown.expect("a body")).expect("JSON");
    assert_eq!(shown["requests"][0]["path"], "/leads");
    assert_eq!(status(&address, "/requests", "sandbox:8090").await, 421);
    let (code, log) = sandbox.stop();
    assert_eq!((code, log.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn in_a_composition_it_answers_whatever_its_own_network_lets_through() {
    let settings = [
        ("TALARIA_SANDBOX__LISTEN", "0.0.0.0:0"),
        ("TALARIA_SANDBOX__CALLERS", "trusted-network"),
    ];
    let (sandbox, address) = Running::start(&[], &settings);
    let (_, port) = address.rsplit_once(':').expect("a port");
    let here = format!("127.0.0.1:{port}");
    assert_eq!(status(&here, "/crm/leads", "sandbox:8090").await, 200);
    let (code, log) = sandbox.stop();
    assert_eq!(code, Some(0));
    assert!(
        log.contains("WARN") && log.contains("sandbox.callers is trusted-network"),
        "{log}"
    );
}

#[test]
fn where_others_reach_it_it_is_refused_with_the_ways_there_are() {
    let refused = talaria(&["sandbox", "--listen", "0.0.0.0:0"], &[]);
    assert_eq!(refused.status.code(), Some(1));
    for way in ["127.0.0.1", "sandbox.callers", "trusted-network"] {
        let said = stderr(&refused);
        assert!(said.contains(way), "{way:?} is not in {said}");
    }
}

#[test]
fn an_address_that_is_taken_is_refused_with_how_to_name_another() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let refused = talaria(&["sandbox", "--listen", &address], &[]);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    assert!(
        said.contains(&address) && said.contains("--listen"),
        "{said}"
    );
}
