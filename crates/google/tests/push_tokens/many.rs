//! Under load no valid token is refused, and Google's keys are fetched once.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use crate::scene::{FIRST, SECOND, Scene, key_set};

/// As busy as a service gets: from the first moment on, while there are no keys yet.
async fn refused(scene: &Scene, tokens: Vec<String>, checks: usize) -> usize {
    let tokens = Arc::new(tokens);
    let checks = stream::iter(0..checks).map(|number| {
        let (tokens, checker) = (Arc::clone(&tokens), Arc::clone(&scene.tokens));
        tokio::spawn(async move {
            let token = &tokens[number % tokens.len()];
            crate::scene::check(&checker, token).await.is_err()
        })
    });
    let answers = checks.buffer_unordered(32);
    answers
        .filter(|answer| {
            let is_refused = *answer.as_ref().expect("no panic");
            async move { is_refused }
        })
        .count()
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_thirty_thousand_valid_tokens_none_is_refused_and_the_keys_are_fetched_once() {
    // One token for all; as many as an hour has; more than are remembered, so that most are worked out again.
    for (distinct, checks) in [(1, 8_000), (12, 10_000), (1_500, 12_000)] {
        let scene = Scene::new().await;
        let late = key_set(&[FIRST, SECOND]).after(Duration::from_millis(50));
        scene.server.answer(late);
        let keys = [FIRST, SECOND];
        let tokens = (0..distinct).map(|number| scene.token(keys[number % 2], number));
        let refused = refused(&scene, tokens.collect(), checks).await;
        assert_eq!((refused, scene.fetches()), (0, 1), "{distinct} tokens");
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_break_off_the_fetch_that_others_wait_for() {
    let scene = Scene::new().await;
    let late = key_set(&[FIRST]).after(Duration::from_millis(50));
    scene.server.answer(late);
    let (checker, token) = (Arc::clone(&scene.tokens), scene.token(FIRST, 1));
    let hangs_up = tokio::spawn(async move { crate::scene::check(&checker, &token).await });
    scene.server.wait_for_requests(1).await;
    hangs_up.abort();
    assert_eq!(scene.check(&scene.token(FIRST, 2)).await, Ok(()));
    assert_eq!(scene.fetches(), 1);
}
