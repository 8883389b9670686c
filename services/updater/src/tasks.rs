//! Work that outlives its request.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::RwLock;
use tracing::Instrument;

/// Runs work to its end, whether or not somebody still waits for it.
#[derive(Clone)]
pub(crate) struct Tasks {
    runtime: Handle,
    /// Each task holds it for reading; whoever waits for all takes it for writing.
    running: Arc<RwLock<()>>,
}

impl Tasks {
    /// Tasks on the given runtime, which lives longer than the server's workers.
    pub(crate) fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            running: Arc::default(),
        }
    }

    /// Runs `work` and returns its result; `None` if it panicked. Dropping the returned future doesn't end the work. Its
    /// log lines are those of the request.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let guard = Arc::clone(&self.running).read_owned().await;
        let work = async move {
            let _guard = guard;
            work.await
        };
        let task = self.runtime.spawn(work.in_current_span());
        match task.await {
            Ok(result) => Some(result),
            Err(error) => {
                tracing::error!(%error, "a task broke off; its message comes again");
                None
            }
        }
    }

    /// Waits until all work is done, at most `limit`; false if some was not.
    pub(crate) async fn finished(&self, limit: Duration) -> bool {
        tokio::time::timeout(limit, self.running.write())
            .await
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_any_more() {
        let tasks = Tasks::new(Handle::current());
        let (release, released) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel::<()>();
        let waiting = tasks.run(async move {
            released.await.expect("the test releases it");
            done.send(()).expect("the test listens");
        });
        // A timeout drops the future, as a server does when its client hangs up.
        assert!(
            tokio::time::timeout(Duration::from_millis(1), waiting)
                .await
                .is_err(),
            "the work has begun"
        );
        assert!(
            !tasks.finished(Duration::ZERO).await,
            "the work is not done"
        );
        release.send(()).expect("the work listens");
        is_done.await.expect("the work was finished");
        assert!(tasks.finished(Duration::from_secs(60)).await);
    }

    #[tokio::test]
    async fn a_panic_is_no_result() {
        let tasks = Tasks::new(Handle::current());
        assert_eq!(tasks.run(async { panic!("a fault") }).await, None::<()>);
    }
}
