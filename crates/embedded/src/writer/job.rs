//! A piece of work with somebody who waits for its answer.

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::{StorageError, WriteError};

/// A [`TypedJob`] whose answer's type is forgotten, so that all kinds fit one queue.
pub(super) trait Job: Send {
    /// Does the work; false if it failed.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Why the work failed, for the log.
    fn failure(&self) -> String;

    /// Answers whoever waits, once it is known whether the transaction was committed.
    fn answer(self: Box<Self>, committed: Result<(), &str>);
}

pub(super) struct TypedJob<T, W> {
    work: Option<W>,
    result: Option<Result<T, StorageError>>,
    answer: oneshot::Sender<Result<T, WriteError>>,
}

impl<T, W> TypedJob<T, W>
where
    T: Send + 'static,
    W: FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
{
    /// The job, and where its answer comes.
    pub(super) fn with_answer(work: W) -> (Box<dyn Job>, oneshot::Receiver<Result<T, WriteError>>) {
        let (answer, answered) = oneshot::channel();
        let job = Self {
            work: Some(work),
            result: None,
            answer,
        };
        (Box::new(job), answered)
    }
}

impl<T, W> Job for TypedJob<T, W>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T, StorageError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        self.result = self.work.take().map(|work| work(connection));
        matches!(self.result, Some(Ok(_)))
    }

    fn failure(&self) -> String {
        match &self.result {
            Some(Err(error)) => error.to_string(),
            _ => "the transaction was given up".into(),
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), &str>) {
        let answer = match (self.result, committed) {
            (Some(Err(error)), _) => Err(WriteError::Failed(error.to_string())),
            (_, Err(reason)) => Err(WriteError::Failed(reason.to_owned())),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(WriteError::Failed("the work was never done".into())),
        };
        // Nobody waits any more when the caller was dropped; the work is done all the same.
        drop(self.answer.send(answer));
    }
}
