//! The stream opens and closes with those who wait.

use super::super::super::FirestoreSettings;
use super::*;

/// A server that takes connections and says nothing, so that only the test is heard.
fn listener(idle: Duration) -> (Listener, std::net::TcpListener) {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("it listens");
    let settings = FirestoreSettings {
        emulator_host: Some(address.to_string()),
        request_timeout: Duration::from_secs(60),
        ..FirestoreSettings::new("p")
    };
    let client = Arc::new(Client::new(settings));
    (Listener::with_idle(client, idle), silent)
}

fn say(listener: &Listener, version: u64) {
    let all_time = Arc::new(AllTime {
        version,
        ..AllTime::default()
    });
    let heard = Heard {
        all_time,
        changed_at: None,
        alive_at: Instant::now(),
    };
    listener
        .following
        .hearing
        .send_replace(Hearing::Live(heard));
}

#[tokio::test]
async fn who_waits_is_told_of_what_is_heard_and_of_what_is_added_here() {
    let (listener, _silent) = listener(Duration::from_secs(60));
    let own = watch::channel(0).0;
    say(&listener, 4);
    let changed = async |seen| listener.changed(seen, own.subscribe()).await;
    assert_eq!(changed(3).await.expect("heard"), 4);
    assert_eq!(changed(9).await.expect("heard"), 4, "any other will do");
    let (told, ()) = tokio::join!(changed(4), async {
        own.send_replace(5);
    });
    assert_eq!(told.expect("added"), 5);
    let (told, ()) = tokio::join!(changed(5), async { say(&listener, 6) });
    assert_eq!(told.expect("heard"), 6);
    let cut = Hearing::Cut("for a test".into());
    let (told, ()) = tokio::join!(changed(6), async {
        listener.following.hearing.send_replace(cut);
    });
    let reason = told.expect_err("it is cut").reason;
    assert!(reason.contains("for a test"), "{reason}");
    assert!(listener.heard().is_none());
}

#[tokio::test]
async fn the_stream_is_closed_when_nobody_waits_and_opened_again() {
    let (listener, _silent) = listener(Duration::from_millis(20));
    for _ in 0..2 {
        let first = listener.wait();
        let second = listener.wait();
        assert!(listener.following.task().is_some());
        drop(first);
        say(&listener, 1);
        let mut hearing = listener.following.hearing.subscribe();
        let mut closed = async || {
            let closed = hearing.wait_for(|hearing| matches!(hearing, Hearing::Nothing));
            closed.await.is_ok()
        };
        let too_early = tokio::time::timeout(Duration::from_millis(60), closed()).await;
        assert!(too_early.is_err(), "somebody waits");
        drop(second);
        assert!(closed().await);
        assert!(listener.following.task().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_heard_is_not_believed_without_a_sign_of_life() {
    let (listener, _silent) = listener(Duration::from_secs(60));
    say(&listener, 1);
    for _ in 0..3 {
        tokio::time::advance(BELIEVED - Duration::from_secs(1)).await;
        assert!(listener.heard().is_some());
        listener.following.is_alive();
    }
    tokio::time::advance(BELIEVED).await;
    assert!(listener.heard().is_none());
}

/// Google tells the past of an hour only.
#[tokio::test(start_paused = true)]
async fn a_change_of_long_ago_is_not_read_as_it_was_then() {
    let (listener, _silent) = listener(Duration::from_secs(60));
    let all_time = Arc::new(AllTime {
        updated: Some(firestore::gcloud_sdk::prost_types::Timestamp::default()),
        ..AllTime::default()
    });
    let hear = |changed_at| {
        let heard = Heard {
            all_time: Arc::clone(&all_time),
            changed_at,
            alive_at: Instant::now(),
        };
        let live = Hearing::Live(heard);
        listener.following.hearing.send_replace(live);
    };
    let read_time = || listener.heard().expect("it is live").read_time;
    hear(None);
    assert_eq!(read_time(), None, "nobody knows how long ago");
    hear(Some(Instant::now()));
    assert_eq!(read_time(), all_time.updated);
    tokio::time::advance(PAST).await;
    listener.following.is_alive();
    assert_eq!(read_time(), None);
}

#[tokio::test]
async fn a_stream_whose_task_broke_off_is_opened_again() {
    let (listener, _silent) = listener(Duration::from_secs(60));
    let _waiting = listener.wait();
    let first = listener.following.task().take().expect("a task");
    first.abort();
    while !first.is_finished() {
        tokio::task::yield_now().await;
    }
    *listener.following.task() = Some(first);
    let _again = listener.wait();
    let is_open = |task: &JoinHandle<()>| !task.is_finished();
    assert!(listener.following.task().as_ref().is_some_and(is_open));
}
