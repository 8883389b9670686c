//! How often a bus or a store is asked, by however many.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::future::join_all;
use futures_util::poll;
use tokio::sync::watch;

use super::*;

/// Answers while it is open.
struct Store {
    is_up: AtomicBool,
    is_open: watch::Sender<bool>,
    asked: AtomicU32,
}

impl Store {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            is_up: AtomicBool::new(true),
            is_open: watch::Sender::new(true),
            asked: AtomicU32::new(0),
        })
    }

    fn silent() -> Arc<Self> {
        let store = Self::new();
        store.is_open.send_replace(false);
        store
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Ready for Store {
    fn asks(&self) -> &'static str {
        "the store"
    }

    async fn ready(&self) -> Result<(), String> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut is_open = self.is_open.subscribe();
        is_open
            .wait_for(|is_open| *is_open)
            .await
            .expect("it lives");
        match self.is_up.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err("down".into()),
        }
    }
}

fn readiness(store: &Arc<Store>) -> web::Data<Readiness> {
    Readiness::new(Arc::clone(store) as Arc<dyn Ready>)
}

#[tokio::test(start_paused = true)]
async fn an_answer_holds_for_a_second_be_it_good_or_bad() {
    let store = Store::new();
    let readiness = readiness(&store);
    for (question, is_up) in [(1, false), (2, true), (3, false)] {
        store.is_up.store(is_up, Ordering::Relaxed);
        for _ in 0..100 {
            assert_eq!(readiness.get().await.is_ok(), is_up);
        }
        assert_eq!(store.asked(), question);
        store.is_up.store(!is_up, Ordering::Relaxed);
        tokio::time::advance(HOLDS - Duration::from_millis(1)).await;
        assert_eq!(readiness.get().await.is_ok(), is_up, "it still holds");
        tokio::time::advance(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn all_who_ask_at_the_same_time_share_one_question() {
    for is_up in [true, false] {
        let store = Store::silent();
        store.is_up.store(is_up, Ordering::Relaxed);
        let readiness = readiness(&store);
        let mut asking = Box::pin(join_all((0..100).map(|_| readiness.get())));
        assert!(poll!(&mut asking).is_pending());
        store.is_open.send_replace(true);
        let answers = asking.await;
        assert!(answers.iter().all(|answer| answer.is_ok() == is_up));
        assert_eq!(store.asked(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_at_once_has_nothing_asked_a_second_time() {
    let store = Store::silent();
    let readiness = readiness(&store);
    for _ in 0..100 {
        let mut asking = Box::pin(readiness.get());
        assert!(poll!(&mut asking).is_pending());
        drop(asking);
        tokio::task::yield_now().await;
    }
    store.is_open.send_replace(true);
    assert_eq!(readiness.get().await, Ok(()));
    assert_eq!(store.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_nobody_answers_is_given_up_for_all() {
    let store = Store::silent();
    let readiness = readiness(&store);
    let began = Instant::now();
    let answers = join_all((0..3).map(|_| readiness.get())).await;
    let expected = Err("no answer of the store within 3s".to_owned());
    assert_eq!(answers, [expected.clone(), expected.clone(), expected]);
    assert_eq!(began.elapsed(), WITHIN);
    assert_eq!(store.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn however_often_strangers_ask_the_log_is_told_once_in_ten_seconds() {
    let readiness = readiness(&Store::new());
    assert!(readiness.is_to_be_told());
    assert!(!readiness.is_to_be_told());
    tokio::time::advance(PAUSE).await;
    assert!(readiness.is_to_be_told());
}
