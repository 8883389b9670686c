//! A flood of requests whose senders prove nothing. It takes no room from those who do: not a place among the requests in
//! flight, no memory for bodies.

use serde_json::json;
use testing::PATIENCE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{BackOffice, TalariaProcess, World};

const MIB: u64 = 1 << 20;
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Four waves, since many systems let a process open a thousand files.
const WAVES: usize = 4;
const WAVE: usize = 500;
/// Were the bodies taken in as they are announced, a wave would be half a gigabyte.
const ANNOUNCED: u64 = MIB;
/// What of it comes before the sender stops.
const SENT: usize = 48 << 10;
/// What a wave may cost: its connections, each with the buffer that its head was read into.
const BOUND: u64 = 64 * MIB;

/// How a stranger's request hangs.
#[derive(Clone, Copy)]
enum Hanging {
    /// Its head says nothing or something wrong of who sends it, and its body stops halfway.
    InTheBody(&'static str),
    /// Its head stops halfway.
    InTheHead,
}

const WAYS_TO_HANG: [Hanging; 4] = [
    Hanging::InTheBody(""),
    Hanging::InTheBody("X-Talaria-Key: 0123456789abcdef0123456789abcdeF\r\n"),
    Hanging::InTheBody("Authorization: Bearer e30.e30.e30\r\n"),
    Hanging::InTheHead,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_strangers_takes_no_room_from_who_proves_himself() {
    let office = BackOffice::open().await;
    let room = "TALARIA_PUBLISHER__ADMISSION";
    let world = World::new(&office)
        .set("TALARIA_PUBLISHER__CALLERS", "shared-secret")
        .set("TALARIA_PUBLISHER__SHARED_SECRET", SECRET)
        // A single stranger who was let in would be one too many.
        .set(&format!("{room}__MAX_REQUESTS"), "1")
        .set(&format!("{room}__MAX_BODY_BYTES_IN_FLIGHT"), "4096");
    let process = world.start().await;
    accepted(&world, &process, "before").await;
    let idle = process.resident_bytes();
    for wave in 0..WAVES {
        let _hanging = strangers(&process).await;
        for number in 0..10 {
            accepted(&world, &process, &format!("during-{wave}-{number}")).await;
        }
        let more = process.resident_bytes().saturating_sub(idle);
        assert!(more <= BOUND, "{} MiB more in wave {wave}", more / MIB);
    }
    world.all_acknowledged().await;
    assert_eq!(office.calls_of("crm").len(), 1 + WAVES * 10);
    process.stop().await;
}

/// Posts an event with the secret.
async fn accepted(world: &World, process: &TalariaProcess, id: &str) {
    let event =
        json!({"eventType": "user_login", "eventId": id, "userId": "cust-48120", "data": {}});
    let request = world
        .client
        .post(format!("{}/publish-event", process.publisher))
        .header("content-type", "application/json")
        .header("x-talaria-key", SECRET)
        .body(event.to_string());
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 202, "{id}");
}

/// A wave of requests that hang, each refused already if its head came whole.
async fn strangers(process: &TalariaProcess) -> Vec<TcpStream> {
    let address = process.publisher.trim_start_matches("http://").to_owned();
    let mut opening = JoinSet::new();
    for number in 0..WAVE {
        let hanging = WAYS_TO_HANG[number % WAYS_TO_HANG.len()];
        opening.spawn(stranger(address.clone(), hanging));
    }
    let in_time = tokio::time::timeout(PATIENCE, opening.join_all());
    in_time.await.expect("each is refused at once")
}

async fn stranger(address: String, hanging: Hanging) -> TcpStream {
    let mut connection = TcpStream::connect(address).await.expect("it listens");
    let proof = match hanging {
        Hanging::InTheBody(proof) => proof,
        Hanging::InTheHead => "",
    };
    let mut request = format!(
        "POST /publish-event HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {ANNOUNCED}\r\n{proof}"
    )
    .into_bytes();
    if matches!(hanging, Hanging::InTheHead) {
        connection.write_all(&request).await.expect("sent");
        return connection;
    }
    request.extend_from_slice(b"\r\n");
    request.resize(request.len() + SENT, b' ');
    // It may have been refused, and cut off, before the last of it.
    let _ = connection.write_all(&request).await;
    let mut status = [0; 12];
    let read = connection.read_exact(&mut status).await;
    read.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 401");
    connection
}
