//! One thread that writes a file: it gathers what waits, commits it in one transaction and answers when that is durable.
//!
//! A commit costs a sync of the disk whether it holds one row or a thousand, so callers that come at the same time
//! share one. Each piece of work runs in a savepoint of its own: what fails takes nothing else with it.

mod job;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use crate::error::{StorageError, WriteError};
use job::{Job, TypedJob};

/// The most pieces of work in one transaction.
const BATCH: usize = 1_024;

/// Hands work to the writing thread, which ends once this is dropped and the queue is empty.
pub(crate) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
    capacity: usize,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    commits: AtomicU64,
    failing: AtomicBool,
    closed: AtomicBool,
}

impl Writer {
    /// Starts the thread. At most `capacity` pieces of work wait.
    pub(crate) fn start(connection: Connection, capacity: usize) -> std::io::Result<Self> {
        let capacity = capacity.max(1);
        let (jobs, waiting) = mpsc::channel(capacity);
        let state = Arc::new(State::default());
        let threads_state = Arc::clone(&state);
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || write_until_dropped(connection, waiting, &threads_state))?;
        Ok(Self {
            jobs,
            capacity,
            state,
        })
    }

    /// Does `work` in the next transaction and answers once that is committed; waits for a place in the queue.
    /// For work whose number is bounded elsewhere.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, WriteError> {
        self.refuse_if_closed()?;
        let (job, answer) = TypedJob::with_answer(work);
        self.jobs.send(job).await.map_err(|_| WriteError::Stopped)?;
        answered(answer).await
    }

    /// The same, but refuses at once when the queue is full.
    pub(crate) async fn write_unless_full<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, WriteError> {
        self.refuse_if_closed()?;
        let (job, answer) = TypedJob::with_answer(work);
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => WriteError::QueueFull(self.capacity),
            mpsc::error::TrySendError::Closed(_) => WriteError::Stopped,
        })?;
        answered(answer).await
    }

    /// Whether a write could succeed now. Touches the disk only when the last commit failed.
    pub(crate) async fn ready(&self) -> Result<(), WriteError> {
        if !self.state.failing.load(Ordering::Relaxed) {
            return self.write_unless_full(|_| Ok(())).await;
        }
        self.write_unless_full(|connection| {
            // The same value again: it changes nothing, and goes all the way to the disk.
            let format: i64 =
                connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            connection.pragma_update(None, "user_version", format)?;
            Ok(())
        })
        .await
    }

    /// Takes no more work and answers once all that was taken is committed.
    pub(crate) async fn close(&self) -> Result<(), WriteError> {
        if self.state.closed.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        let (job, answer) = TypedJob::with_answer(|_| Ok(()));
        self.jobs.send(job).await.map_err(|_| WriteError::Stopped)?;
        answered(answer).await
    }

    /// Transactions committed so far.
    pub(crate) fn commits(&self) -> u64 {
        self.state.commits.load(Ordering::Relaxed)
    }

    fn refuse_if_closed(&self) -> Result<(), WriteError> {
        if self.state.closed.load(Ordering::SeqCst) {
            return Err(WriteError::Stopped);
        }
        Ok(())
    }
}

async fn answered<T>(answer: oneshot::Receiver<Result<T, WriteError>>) -> Result<T, WriteError> {
    answer.await.unwrap_or(Err(WriteError::Stopped))
}

fn write_until_dropped(
    mut connection: Connection,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
    state: &State,
) {
    let mut batch = Vec::new();
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        let committed = commit(&mut connection, &mut batch);
        state.failing.store(committed.is_err(), Ordering::Relaxed);
        match &committed {
            Ok(()) => {
                state.commits.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => tracing::error!(
                error,
                writes = batch.len(),
                "a commit failed and none of its writes is kept; the next one is tried all the same"
            ),
        }
        for job in batch.drain(..) {
            job.answer(committed.as_ref().map(drop).map_err(String::as_str));
        }
    }
}

fn commit(connection: &mut Connection, batch: &mut [Box<dyn Job>]) -> Result<(), String> {
    let in_words = |error: rusqlite::Error| error.to_string();
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(in_words)?;
    for job in batch {
        run_alone(&transaction, job.as_mut()).map_err(in_words)?;
        // On a full or broken disk SQLite gives the whole transaction up by itself; whatever ran after that would
        // be committed one by one.
        if transaction.is_autocommit() {
            return Err(job.failure());
        }
    }
    transaction.commit().map_err(in_words)
}

/// Runs one job; if it fails, what it wrote is undone, and only that.
fn run_alone(connection: &Connection, job: &mut dyn Job) -> rusqlite::Result<()> {
    execute(connection, "SAVEPOINT job")?;
    if !job.run(connection) {
        if connection.is_autocommit() {
            return Ok(());
        }
        execute(connection, "ROLLBACK TO job")?;
    }
    execute(connection, "RELEASE job")
}

fn execute(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}
