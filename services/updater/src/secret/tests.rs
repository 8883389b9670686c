//! How secrets are read, kept and read again.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use events::{Clock, FixedClock};
use futures_util::FutureExt;
use futures_util::future::join_all;

use super::*;

/// Gives what it is told, counts, and answers no sooner than the other tasks had their turn.
struct Told {
    answer: Mutex<Result<SecretText, SecretError>>,
    reads: AtomicUsize,
}

impl Told {
    fn new(text: &str) -> Arc<Self> {
        Arc::new(Self {
            answer: Mutex::new(Ok(SecretText::new(text))),
            reads: AtomicUsize::new(0),
        })
    }

    fn tell(&self, answer: Result<SecretText, SecretError>) {
        *self.answer.lock().expect("no panic before") = answer;
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl SecretSource for Told {
    async fn read(&self, name: &str) -> Result<SecretText, SecretError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        assert_ne!(name, "PANIC", "as a broken source would");
        self.answer.lock().expect("no panic before").clone()
    }
}

fn missing() -> SecretError {
    SecretError::Missing {
        name: "KEY".into(),
        remedy: "add it".into(),
    }
}

fn unreadable() -> SecretError {
    SecretError::Unreadable {
        name: "KEY".into(),
        reason: "nobody answers".into(),
    }
}

fn secrets(source: &Arc<Told>) -> (Arc<FixedClock>, Arc<Secrets>) {
    let clock = Arc::new(FixedClock::default());
    let source = Arc::clone(source) as Arc<dyn SecretSource>;
    let handed = Arc::clone(&clock) as Arc<dyn Clock>;
    (clock, Arc::new(Secrets::new(source, handed)))
}

async fn text(secrets: &Secrets) -> String {
    secrets
        .get("KEY")
        .await
        .expect("a secret")
        .expose()
        .to_owned()
}

#[test]
fn a_secret_is_trimmed_and_not_shown() {
    let secret = SecretText::new(" key-1\n");
    assert_eq!(secret.expose(), "key-1");
    assert!(!format!("{secret:?}").contains("key-1"));
}

#[tokio::test]
async fn a_missing_or_empty_secret_says_where_to_put_it() {
    let environment = BTreeMap::from([("EMPTY".to_owned(), " \n".to_owned())]);
    let source = EnvironmentSecrets::new(environment);
    for name in ["EMPTY", "ABSENT", "ABSENT@5"] {
        let error = source.read(name).await.expect_err("no secret").to_string();
        assert!(
            error.contains(name) && error.contains("environment variable"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn where_there_are_no_versions_the_one_there_is_counts() {
    let environment = BTreeMap::from([("KEY".to_owned(), "key-1".to_owned())]);
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("KEY"), "key-1\n").expect("writing");
    let sources: [Box<dyn SecretSource>; 2] = [
        Box::new(EnvironmentSecrets::new(environment)),
        Box::new(FileSecrets::new(directory.path().into())),
    ];
    for source in sources {
        for name in ["KEY", "KEY@5", "projects/shop/secrets/KEY/versions/5"] {
            assert_eq!(source.read(name).await, Ok(SecretText::new("key-1")));
        }
    }
}

#[tokio::test]
async fn a_secret_name_can_not_leave_the_directory() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("outside"), "x").expect("writing");
    let inner = directory.path().join("inner");
    std::fs::create_dir(&inner).expect("a directory");
    let source = FileSecrets::new(inner);
    for name in ["../outside", "projects/p/secrets/../outside"] {
        assert!(source.read(name).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_hundred_who_ask_at_once_cost_one_read() {
    let source = Told::new("first");
    let (_clock, secrets) = secrets(&source);
    let given = join_all((0..100).map(|_| secrets.get("KEY"))).await;
    assert!(
        given
            .iter()
            .all(|given| *given == Ok(SecretText::new("first")))
    );
    assert_eq!(
        (text(&secrets).await.as_str(), source.reads()),
        ("first", 1)
    );
    source.tell(Err(missing()));
    let given = join_all((0..100).map(|_| secrets.get("OTHER"))).await;
    assert!(given.iter().all(|given| *given == Err(missing())));
    assert_eq!(source.reads(), 2);
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let source = Told::new("");
    let (_clock, secrets) = secrets(&source);
    for failure in [missing(), unreadable()] {
        source.tell(Err(failure.clone()));
        assert_eq!(secrets.get("KEY").await, Err(failure));
    }
    source.tell(Ok(SecretText::new("added")));
    assert_eq!(text(&secrets).await, "added");
    for _ in 0..2 {
        assert!(secrets.get("PANIC").await.is_err());
    }
    assert_eq!(source.reads(), 5, "a source that broke is asked again");
}

#[tokio::test]
async fn a_read_goes_on_when_nobody_waits_for_it_any_more() {
    let source = Told::new("first");
    let (_clock, secrets) = secrets(&source);
    assert!(secrets.get("KEY").now_or_never().is_none());
    assert_eq!(
        (text(&secrets).await.as_str(), source.reads()),
        ("first", 1)
    );
}

#[tokio::test]
async fn a_refused_secret_is_read_again_at_most_once_in_ten_seconds() {
    let source = Told::new("first");
    let (clock, secrets) = secrets(&source);
    let first = secrets.get("KEY").await.expect("there");
    source.tell(Ok(SecretText::new("second")));
    assert_eq!(text(&secrets).await, "first", "it is kept");
    secrets.refused("KEY", &first);
    let second = secrets.get("KEY").await.expect("read again");
    assert_eq!((second.expose(), source.reads()), ("second", 2));

    // Late refusals of the old text say nothing about the new one.
    clock.advance(Duration::from_secs(60));
    secrets.refused("KEY", &first);
    assert_eq!(
        (text(&secrets).await.as_str(), source.reads()),
        ("second", 2)
    );

    // It is refused for good: one read in ten seconds, however many calls.
    for step in 0..100 {
        secrets.refused("KEY", &second);
        assert_eq!(text(&secrets).await, "second");
        assert_eq!(source.reads(), 3 + step / 10, "second {step}");
        clock.advance(Duration::from_secs(1));
    }

    // A refusal within the ten seconds counts once they are over.
    source.tell(Ok(SecretText::new("third")));
    clock.advance(Duration::from_secs(10));
    secrets.refused("KEY", &second);
    assert_eq!(text(&secrets).await, "third");
    let third = SecretText::new("third");
    source.tell(Ok(SecretText::new("fourth")));
    secrets.refused("KEY", &third);
    assert_eq!(text(&secrets).await, "third");
    clock.advance(Duration::from_secs(10));
    assert_eq!(text(&secrets).await, "fourth");
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_refused_secret() {
    let source = Told::new("first");
    let (clock, secrets) = secrets(&source);
    clock.advance(Duration::from_secs(3600));
    let first = secrets.get("KEY").await.expect("there");
    secrets.refused("KEY", &first);
    assert_eq!(
        (text(&secrets).await.as_str(), source.reads()),
        ("first", 2)
    );
    clock.set(events::Timestamp::default());
    secrets.refused("KEY", &first);
    assert_eq!(
        (text(&secrets).await.as_str(), source.reads()),
        ("first", 3)
    );
}

#[tokio::test]
async fn a_refused_secret_is_used_on_while_it_can_not_be_read_and_no_more_when_it_is_gone() {
    let source = Told::new("first");
    let (clock, secrets) = secrets(&source);
    let first = secrets.get("KEY").await.expect("there");
    source.tell(Err(unreadable()));
    secrets.refused("KEY", &first);
    assert_eq!(
        (text(&secrets).await.as_str(), source.reads()),
        ("first", 2)
    );
    source.tell(Err(missing()));
    clock.advance(Duration::from_secs(10));
    assert_eq!(secrets.get("KEY").await, Err(missing()));
    assert_eq!(secrets.get("KEY").await, Err(missing()));
    source.tell(Ok(SecretText::new("second")));
    assert_eq!(text(&secrets).await, "second");
}
