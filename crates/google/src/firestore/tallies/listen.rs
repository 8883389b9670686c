//! Hearing of changes: a stream from Firestore on one document, open only while somebody waits for changes.

mod stream;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::StoreUnavailable;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::super::client::Client;
use super::all_time::AllTime;
use super::moment::Moment;
use stream::Sign;

/// The stream is closed so long after the last who waited has gone: whoever follows changes is between two waits often.
const IDLE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The past can be read only for an hour; nothing needs it longer than this after a change.
const PAST: Duration = Duration::from_secs(60);
/// The stream says something or is looked after within less than this. What was heard is not believed for longer: a process
/// that was given no time to run notices late that its stream is gone.
const BELIEVED: Duration = Duration::from_secs(90);

/// What is heard.
#[derive(Clone, Default)]
enum Hearing {
    /// Nothing yet: the stream is closed, or about to be opened.
    #[default]
    Nothing,
    /// All that is committed, moments later.
    Live(Heard),
    /// The stream is cut and will be opened again.
    Cut(String),
}

#[derive(Clone)]
struct Heard {
    all_time: Arc<AllTime>,
    /// When it changed; `None` if nobody knows how long ago that was.
    changed_at: Option<Instant>,
    /// The stream's last sign of life.
    alive_at: Instant,
}

/// Those who wait, and what they and the stream know.
struct Following {
    hearing: watch::Sender<Hearing>,
    waiting: watch::Sender<usize>,
    idle: Duration,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// Opens the stream when somebody waits. Dropping it closes the stream.
pub(super) struct Listener {
    client: Arc<Client>,
    following: Arc<Following>,
}

/// Somebody who waits, until dropped.
struct Waiting(Arc<Following>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|waiting| *waiting -= 1);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut task = self.following.task();
        if let Some(task) = task.take() {
            task.abort();
        }
    }
}

impl Following {
    fn task(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a sign of life, which is no news to anybody who waits.
    fn is_alive(&self) {
        self.hearing.send_if_modified(|hearing| {
            if let Hearing::Live(heard) = hearing {
                heard.alive_at = Instant::now();
            }
            false
        });
    }
}

impl Listener {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self::with_idle(client, IDLE)
    }

    fn with_idle(client: Arc<Client>, idle: Duration) -> Self {
        let following = Following {
            hearing: watch::channel(Hearing::Nothing).0,
            waiting: watch::channel(0).0,
            idle,
            task: Mutex::default(),
        };
        Self {
            client,
            following: Arc::new(following),
        }
    }

    /// What the stream said last; `None` unless it is open.
    pub(super) fn heard(&self) -> Option<Moment> {
        match &*self.following.hearing.borrow() {
            Hearing::Live(heard) if heard.alive_at.elapsed() < BELIEVED => {
                let is_recent = heard.changed_at.is_some_and(|at| at.elapsed() < PAST);
                Some(Moment {
                    all_time: Arc::clone(&heard.all_time),
                    read_time: heard.all_time.updated.filter(|_| is_recent),
                })
            }
            Hearing::Live(_) | Hearing::Nothing | Hearing::Cut(_) => None,
        }
    }

    /// Returns once the version is not `seen`. `own` is what this instance itself added last: it may be heard of later.
    pub(super) async fn changed(
        &self,
        seen: u64,
        mut own: watch::Receiver<u64>,
    ) -> Result<u64, StoreUnavailable> {
        let _waiting = self.wait();
        let mut hearing = self.following.hearing.subscribe();
        loop {
            let own_version = *own.borrow_and_update();
            match &*hearing.borrow_and_update() {
                Hearing::Live(heard) => {
                    let version = heard.all_time.version.max(own_version);
                    if version != seen {
                        return Ok(version);
                    }
                }
                Hearing::Cut(reason) => {
                    let cut = format!("changes are not heard of: {reason}");
                    return Err(StoreUnavailable::new(cut));
                }
                Hearing::Nothing => {}
            }
            // Neither sender is dropped as long as the tallies are there.
            tokio::select! {
                heard = hearing.changed() => drop(heard),
                added = own.changed() => drop(added),
            }
        }
    }

    fn wait(&self) -> Waiting {
        let following = &self.following;
        let mut task = following.task();
        following.waiting.send_modify(|waiting| *waiting += 1);
        if task.as_ref().is_none_or(JoinHandle::is_finished) {
            let follow = follow(Arc::clone(&self.client), Arc::clone(following));
            *task = Some(tokio::spawn(follow));
        }
        Waiting(Arc::clone(following))
    }
}

/// Keeps the stream open, and opens it again when it breaks, until nobody waits any more.
async fn follow(client: Arc<Client>, following: Arc<Following>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let hear = async {
            let mut was_live = false;
            let reason = stream::hear(&client, |sign| match sign {
                Sign::Alive => following.is_alive(),
                Sign::News(news) => {
                    was_live = true;
                    let heard = Heard {
                        all_time: Arc::new(news.all_time),
                        changed_at: news.is_change.then(Instant::now),
                        alive_at: Instant::now(),
                    };
                    following.hearing.send_replace(Hearing::Live(heard));
                }
            })
            .await;
            tracing::warn!(%reason, "changes of the tallies are not heard of: listening again soon");
            following
                .hearing
                .send_replace(Hearing::Cut(reason.to_string()));
            if was_live {
                pause = FIRST_PAUSE;
            }
            // In step with other instances all would come at once.
            tokio::time::sleep(pause.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        };
        tokio::select! {
            () = hear => {}
            () = until_idle(&following) => {
                let mut task = following.task();
                if *following.waiting.borrow() == 0 {
                    following.hearing.send_replace(Hearing::Nothing);
                    *task = None;
                    return;
                }
            }
        }
    }
}

/// Returns when nobody has waited for a while.
async fn until_idle(following: &Following) {
    let mut waiting = following.waiting.subscribe();
    loop {
        let nobody = waiting.wait_for(|waiting| *waiting == 0).await.is_ok();
        let somebody = waiting.wait_for(|waiting| *waiting > 0);
        if nobody
            && tokio::time::timeout(following.idle, somebody)
                .await
                .is_err()
        {
            return;
        }
    }
}
