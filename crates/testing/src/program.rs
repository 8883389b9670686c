//! A program of the workspace, run as a platform runs it: told by its environment, stopped by a signal.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::eventually;

/// What a caller sends whose request belongs to a trace.
pub const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Panics unless Google Cloud's logging of `project` finds a line of a log in the trace of [`TRACEPARENT`].
pub fn assert_traced(line: &serde_json::Value, project: &str) {
    let found = ["trace", "spanId", "trace_sampled"]
        .map(|key| &line[format!("logging.googleapis.com/{key}")]);
    let trace = format!("projects/{project}/traces/0af7651916cd43dd8448eb211c80319c");
    let expected = serde_json::json!([trace, "b7ad6b7169203331", true]);
    assert_eq!(serde_json::json!(found), expected, "{line}");
}

/// A started program. Killed when dropped; a test that fails shows its log.
pub struct RunningProgram {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// `None` if a signal killed it.
    pub code: Option<i32>,
    /// What it wrote to standard error.
    pub log: String,
}

impl Ended {
    /// The lines of a log in the form that Google Cloud reads. Panics if one is not in it.
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        let line = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
            for key in ["severity", "message", "time"] {
                assert!(line[key].is_string(), "{key} is not in {line}");
            }
            line
        };
        self.log.lines().map(line).collect()
    }
}

impl RunningProgram {
    /// Starts `program` with `arguments` and an environment of `variables` alone.
    pub fn start(program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&log);
        let lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = written.lock().unwrap_or_else(PoisonError::into_inner);
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self {
            child,
            log,
            reader: Some(reader),
        }
    }

    /// What `program` says when it is started like this, and refuses.
    pub async fn refused(program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let ended = Self::start(program, arguments, variables).ended().await;
        assert_eq!(ended.code, Some(1), "{variables:?}: {}", ended.log);
        ended.log
    }

    /// What it has written to standard error so far.
    pub fn log(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.clone()
    }

    /// Waits until it says where it listens; `host:port`.
    pub async fn address(&mut self) -> String {
        eventually("the program to listen", || {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "it ended instead: {ended:?}");
            let address = address_in(&self.log());
            async move { address }
        })
        .await
    }

    /// Waits until it ends by itself.
    pub async fn ended(mut self) -> Ended {
        let status = eventually("the program to end", || {
            let ended = self.child.try_wait().expect("a child");
            async move { ended }
        })
        .await;
        if let Some(reader) = self.reader.take() {
            reader.join().expect("its log is text");
        }
        Ended {
            code: status.code(),
            log: self.log(),
        }
    }

    /// SIGTERM.
    pub fn tell_to_stop(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// SIGTERM. How it ended, and how long that took.
    pub async fn terminate(self) -> (Ended, Duration) {
        let began = Instant::now();
        self.tell_to_stop();
        (self.ended().await, began.elapsed())
    }
}

/// From the field `address` of a line, in either form of the log.
fn address_in(log: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains(" is running"))?;
    let after = ["address=", "\"address\":\""]
        .iter()
        .find_map(|key| Some(line.split_once(key)?.1))?;
    let end = after.find([' ', '"']).unwrap_or(after.len());
    Some(after[..end].to_owned())
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        // Both fail only when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            #[expect(
                clippy::print_stderr,
                reason = "the test harness shows it with the failure"
            )]
            {
                eprintln!("--- the program's log:\n{log}");
            }
        }
    }
}
