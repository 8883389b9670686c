//! Optimistic writing: what was changed meanwhile is read again and decided anew, a few times.

use std::time::Duration;

use store::StoreUnavailable;

/// More rounds than this are lost only if something is wrong.
const MOST: u32 = 5;
const PAUSE: Duration = Duration::from_millis(10);

/// The rounds of one operation.
pub(super) struct Rounds {
    operation: &'static str,
    lost: u32,
}

impl Rounds {
    /// For the operation of that name, such as `claiming`.
    pub(super) fn new(operation: &'static str) -> Self {
        Self { operation, lost: 0 }
    }

    /// The document was not as it was thought to be. Waits a moment, or fails after too many rounds.
    pub(super) async fn lost(&mut self) -> Result<(), StoreUnavailable> {
        self.lost += 1;
        if self.lost >= MOST {
            return Err(StoreUnavailable::new(format!(
                "{} lost against others {MOST} times",
                self.operation
            )));
        }
        // The first time nobody else need be about: it was a guess. In step with others both would lose again.
        let pause = PAUSE * (self.lost - 1);
        tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64())).await;
        Ok(())
    }
}
