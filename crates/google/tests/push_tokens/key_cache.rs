//! When keys are fetched, how long they are used, and what happens when there are none to be had.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use google::push_tokens::{TokenError, TokenFault};
use testing::MockAnswer;

use crate::scene::{FIRST, NOW_S, SECOND, Scene, claims_at};

const UNKNOWN: Result<(), TokenError> = Err(TokenError::Refused(TokenFault::UnknownKey));
const UNAVAILABLE: Result<(), TokenError> = Err(TokenError::KeysUnavailable);
/// The publisher's callers give up after so long.
const TAG_WAITS: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_flood_of_unknown_keys_costs_one_fetch_a_minute() {
    let scene = Scene::new().await;
    assert_eq!(scene.check(&scene.token(FIRST, 0)).await, Ok(()));
    let claims = claims_at(NOW_S, 0);
    let tokens: Vec<String> = (0..200)
        .map(|number| SECOND.sign_as(&claims, Some(&format!("unknown-{number}"))))
        .collect();
    for (seconds, fetches) in [(0, 1), (59, 1), (1, 2), (59, 2), (1, 3)] {
        scene.advance(seconds);
        let answers = join_all(tokens.iter().map(|token| scene.check(token))).await;
        assert!(answers.into_iter().all(|answer| answer == UNKNOWN));
        assert_eq!(scene.fetches(), fetches, "{seconds} s later");
    }
}

#[tokio::test]
async fn a_key_that_google_has_begun_to_use_is_fetched_when_its_first_token_comes() {
    let scene = Scene::new().await;
    assert_eq!(scene.check(&scene.token(FIRST, 0)).await, Ok(()));
    scene.publish(&[FIRST, SECOND], "max-age=1000");
    scene.advance(60);
    let tokens = [1, 2, 3].map(|number| scene.token(SECOND, number));
    let answers = join_all(tokens.iter().map(|token| scene.check(token))).await;
    assert_eq!(answers, [Ok(()), Ok(()), Ok(())]);
    assert_eq!(scene.fetches(), 2);
}

#[tokio::test]
async fn keys_are_renewed_ahead_while_the_old_ones_are_used() {
    let scene = Scene::new().await;
    assert_eq!(scene.check(&scene.token(FIRST, 0)).await, Ok(()));
    scene.advance(799);
    assert_eq!(scene.check(&scene.token(FIRST, 1)).await, Ok(()));
    assert_eq!(scene.fetches(), 1, "they are fresh for a thousand seconds");
    scene.advance(1);
    scene.server.answer(MockAnswer::never());
    assert_eq!(
        scene.check(&scene.token(FIRST, 2)).await,
        Ok(()),
        "it doesn't wait"
    );
    scene.server.wait_for_requests(2).await;
    assert_eq!(scene.check(&scene.token(FIRST, 3)).await, Ok(()));
    assert_eq!(scene.fetches(), 2, "one fetch is under way");
}

#[tokio::test]
async fn a_key_that_google_has_withdrawn_is_not_used_once_the_keys_are_stale() {
    let scene = Scene::new().await;
    let remembered = FIRST.sign(&claims_at(NOW_S, 0));
    assert_eq!(scene.check(&remembered).await, Ok(()));
    scene.publish(&[SECOND], "max-age=1000");
    scene.advance(1000);
    assert_eq!(scene.check(&scene.token(FIRST, 1)).await, UNKNOWN);
    assert_eq!(scene.check(&scene.token(SECOND, 2)).await, Ok(()));
    assert_eq!(
        scene.check(&remembered).await,
        Ok(()),
        "found good, and not ended"
    );
    scene.advance(3540 - 1000 + 29);
    assert_eq!(scene.check(&remembered).await, Ok(()), "in its last second");
    scene.advance(1);
    assert!(scene.check(&remembered).await.is_err(), "it has ended");
}

#[tokio::test]
async fn old_keys_stay_when_a_fetch_fails_which_is_tried_again_once_a_minute() {
    let scene = Scene::new().await;
    assert_eq!(scene.check(&scene.token(FIRST, 0)).await, Ok(()));
    let too_large = "x".repeat((1 << 20) + 1);
    let failures = [
        MockAnswer::status(500),
        MockAnswer::status(404).body("{\"keys\":[]}"),
        MockAnswer::status(200).body("{\"keys\":[]}"),
        MockAnswer::status(200).body("<html>"),
        MockAnswer::status(200).body(&too_large),
    ];
    scene.advance(1000);
    for (number, failure) in failures.into_iter().enumerate() {
        scene.server.answer(failure);
        for again in 0..20 {
            let token = scene.token(FIRST, 100 * number + again);
            assert_eq!(scene.check(&token).await, Ok(()), "failure {number}");
        }
        scene.server.wait_for_requests(number + 2).await;
        // The fetch goes on beside the checks; an unknown key waits until it is over.
        assert_eq!(scene.check(&scene.token(SECOND, 0)).await, UNKNOWN);
        assert_eq!(scene.fetches(), number + 2);
        scene.advance(60);
    }
    scene.publish(&[FIRST, SECOND], "max-age=1000");
    assert_eq!(
        scene.check(&scene.token(SECOND, 1)).await,
        Ok(()),
        "and it is back"
    );
}

#[tokio::test]
async fn without_any_keys_nobody_is_taken_nor_refused_for_good_and_one_fetch_a_second_is_tried() {
    let scene = Scene::new().await;
    scene.server.answer(MockAnswer::status(503));
    let tokens: Vec<String> = (0..100).map(|number| scene.token(FIRST, number)).collect();
    for (milliseconds, fetches) in [(0, 1), (999, 1), (1, 2)] {
        scene.clock.advance(Duration::from_millis(milliseconds));
        let answers = join_all(tokens.iter().map(|token| scene.check(token))).await;
        assert!(answers.into_iter().all(|answer| answer == UNAVAILABLE));
        assert_eq!(scene.fetches(), fetches, "{milliseconds} ms later");
    }
    scene.publish(&[FIRST], "max-age=1000");
    scene.advance(1);
    assert_eq!(scene.check(&tokens[0]).await, Ok(()));
}

#[tokio::test]
async fn a_key_server_that_never_answers_keeps_no_caller_for_as_long_as_the_tag_waits() {
    let scene = Scene::new().await;
    let (known, unknown) = (scene.token(FIRST, 0), scene.token(SECOND, 0));
    assert_eq!(scene.check(&known).await, Ok(()));
    scene.server.answer(MockAnswer::never());
    scene.advance(1000);
    let without_keys = Scene::new().await;
    without_keys.server.answer(MockAnswer::never());
    // Time passes as soon as everybody waits.
    tokio::time::pause();
    for (scene, token, expected) in [
        (&without_keys, &known, UNAVAILABLE),
        (&scene, &unknown, UNAVAILABLE),
        (&scene, &scene.token(FIRST, 1), Ok(())),
    ] {
        let began = tokio::time::Instant::now();
        assert_eq!(scene.check(token).await, expected);
        assert!(began.elapsed() < TAG_WAITS, "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_key_away() {
    let scene = Scene::new().await;
    assert_eq!(scene.check(&scene.token(FIRST, 0)).await, Ok(()));
    scene.publish(&[SECOND], "max-age=1000");
    scene
        .clock
        .set(events::Timestamp::from_millis((NOW_S - 86_400) * 1000));
    assert_eq!(scene.check(&scene.token(SECOND, 1)).await, Ok(()));
    assert_eq!(scene.fetches(), 2);
}

#[tokio::test]
async fn the_keys_serve_other_checks_than_those_of_pushes() {
    let scene = Scene::new().await;
    let token = FIRST.sign(&claims_at(NOW_S, 0));
    let read = Arc::clone(&scene.keys).verified(&token).await;
    let read = read.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.verified_email(), Some(crate::scene::ACCOUNT));
    assert_eq!(read.audience, crate::scene::AUDIENCE);
}
