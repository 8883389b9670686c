//! The real program, running `up`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use testing::eventually;

/// Containers are killed after so long.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// A started program. Killed when dropped; a test that fails shows the end of its log.
pub struct TalariaProcess {
    child: Mutex<Child>,
    log: PathBuf,
    client: reqwest::Client,
    /// `http://address` of each part, once [`Self::listening`] has read them.
    pub publisher: String,
    pub updater: String,
    pub sandbox: Option<String>,
}

impl TalariaProcess {
    /// Starts `command`; what it prints to standard error goes to `log`.
    pub fn spawn(command: &mut Command, log: PathBuf, client: reqwest::Client) -> Self {
        let child = command.spawn().expect("the program starts");
        let (publisher, updater, sandbox) = Default::default();
        Self {
            child: Mutex::new(child),
            log,
            client,
            publisher,
            updater,
            sandbox,
        }
    }

    /// Waits until it has written where it listens.
    pub async fn listening(mut self, addresses: &Path) -> Self {
        let read: Value = eventually("the program to listen", || {
            let ended = self.child().try_wait().expect("a child");
            assert!(ended.is_none(), "the program ended instead: {ended:?}");
            let text = std::fs::read_to_string(addresses).ok();
            async move { Some(serde_json::from_str(&text?).expect("addresses.json is whole")) }
        })
        .await;
        let address = |part: &str| read[part].as_str().map(str::to_owned);
        self.publisher = address("publisher").expect("a publisher");
        self.updater = address("updater").expect("an updater");
        self.sandbox = address("sandbox");
        self
    }

    /// Waits until it ends by itself; its exit code and what it said.
    pub async fn ended(&self) -> (Option<i32>, String) {
        let status = eventually("the program to end", || {
            let ended = self.child().try_wait().expect("a child");
            async move { ended }
        })
        .await;
        (status.code(), self.log())
    }

    /// SIGTERM: it must end in time, with code 0.
    pub async fn stop(&self) {
        let began = Instant::now();
        self.signal_stop();
        let (code, log) = self.ended().await;
        assert_eq!(code, Some(0), "{log}");
        assert!(
            began.elapsed() <= STOP_WITHIN,
            "it took {:?} to stop",
            began.elapsed()
        );
    }

    fn signal_stop(&self) {
        let id = self.child().id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// SIGKILL: it gets no chance to do anything more.
    pub fn kill(&self) {
        let mut child = self.child();
        child.kill().expect("it still ran");
        child.wait().expect("it ended");
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it has logged since its data directory was made.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Memory that the process occupies, in bytes.
    pub fn resident_bytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child().id());
        let status = std::fs::read_to_string(path).expect("a running process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        1024 * kibibytes.unwrap_or(0_u64)
    }

    /// Posts an event to the publisher as the tag does; `None` if there is no answer.
    pub async fn try_publish(&self, event: &Value) -> Option<u16> {
        let request = self
            .client
            .post(format!("{}/publish-event", self.publisher))
            .header("content-type", "application/json")
            .body(event.to_string());
        request
            .send()
            .await
            .ok()
            .map(|answer| answer.status().as_u16())
    }

    /// Posts an event that must be accepted.
    pub async fn publish(&self, event: &Value) {
        assert_eq!(self.try_publish(event).await, Some(202), "{event}");
    }

    /// Posts any body anywhere in the program; status and body of the answer.
    pub async fn post(
        &self,
        url: String,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> (u16, String) {
        let request = self
            .client
            .post(url)
            .header("content-type", content_type)
            .body(body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.text().await.expect("a body"))
    }

    /// Pushes an envelope to `/process-backend-update` and what follows; the status.
    pub async fn push(&self, address: &str, envelope: &Value) -> u16 {
        let url = format!("{}/process-backend-update{address}", self.updater);
        self.post(url, "application/json", envelope.to_string())
            .await
            .0
    }
}

impl Drop for TalariaProcess {
    fn drop(&mut self) {
        // Both fail only when it has ended already, which is what is wanted.
        let _ = self.child().kill();
        let _ = self.child().wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let end = &lines[lines.len().saturating_sub(40)..];
            #[expect(
                clippy::print_stderr,
                reason = "the test harness shows it with the failure"
            )]
            {
                eprintln!("--- the program's log ends:\n{}", end.join("\n"));
            }
        }
    }
}
