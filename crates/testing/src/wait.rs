//! Waiting for what must happen, with an end.

use std::future::Future;
use std::time::Duration;

/// How long a test waits for what must happen. Generous, since it only matters when something is broken.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until the answer is `Some`, for things that announce nothing, such as another process' files. Panics with
/// `what` after [`PATIENCE`].
pub async fn eventually<T, F, Answer>(what: &str, mut ask: F) -> T
where
    F: FnMut() -> Answer,
    Answer: Future<Output = Option<T>>,
{
    let asking = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(answer) => answer,
        Err(_) => panic!("waited {PATIENCE:?} for {what}"),
    }
}
