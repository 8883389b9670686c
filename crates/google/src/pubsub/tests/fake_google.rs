//! As much of an HTTP/2 server as Google's publishing client needs: every request gets the same answer. It stands for
//! Google where the emulator gives another answer, or none.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const PREFACE_BYTES: usize = 24;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;
/// `:status: 200` in HPACK's static table.
const STATUS_200: u8 = 0x88;

/// What every request gets.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// The id of one published message.
    MessageId(&'static str),
    /// A refusal: gRPC's code and Google's words.
    Refusal(u8, &'static str),
}

/// Listens on loopback until it is dropped.
pub struct FakeGoogle {
    pub url: String,
    task: JoinHandle<()>,
}

impl FakeGoogle {
    pub async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // It ends with an error when the client goes away.
                tokio::spawn(async move { serve(stream, answer).await.ok() });
            }
        });
        Self {
            url: format!("http://{address}"),
            task,
        }
    }
}

impl Drop for FakeGoogle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, answer: Answer) -> std::io::Result<()> {
    stream.read_exact(&mut [0; PREFACE_BYTES]).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let (kind, flags) = (head[3], head[4]);
        let request = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        stream.read_exact(&mut vec![0; length as usize]).await?;
        if kind == SETTINGS && flags & ACK == 0 {
            stream.write_all(&frame(SETTINGS, ACK, 0, &[])).await?;
        }
        if matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
            stream.write_all(&frames(request, answer)).await?;
        }
    }
}

fn frames(request: u32, answer: Answer) -> Vec<u8> {
    let mut head = vec![STATUS_200];
    head.extend(field("content-type", "application/grpc"));
    match answer {
        Answer::Refusal(code, words) => {
            head.extend(field("grpc-status", &code.to_string()));
            head.extend(field("grpc-message", words));
            frame(HEADERS, END_HEADERS | END_STREAM, request, &head)
        }
        Answer::MessageId(id) => {
            // The first field of a PublishResponse.
            let message = [&[0x0a, short(id.len())], id.as_bytes()].concat();
            let body = [&[0, 0, 0, 0, short(message.len())], &message[..]].concat();
            [
                frame(HEADERS, END_HEADERS, request, &head),
                frame(DATA, 0, request, &body),
                frame(
                    HEADERS,
                    END_HEADERS | END_STREAM,
                    request,
                    &field("grpc-status", "0"),
                ),
            ]
            .concat()
        }
    }
}

/// A header that HPACK neither knows nor keeps.
fn field(name: &str, value: &str) -> Vec<u8> {
    [
        &[0, short(name.len())],
        name.as_bytes(),
        &[short(value.len())],
        value.as_bytes(),
    ]
    .concat()
}

fn frame(kind: u8, flags: u8, request: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload");
    [
        &length.to_be_bytes()[1..],
        &[kind, flags],
        &request.to_be_bytes(),
        payload,
    ]
    .concat()
}

/// A length that fits in the seven bits that all of these formats give to short ones.
fn short(length: usize) -> u8 {
    u8::try_from(length)
        .ok()
        .filter(|length| *length < 127)
        .expect("a short text")
}
