//! Refusing a request whose body nobody has read.
//!
//! actix-web closes the connection after such an answer, and a second later at the latest, if the body was announced by its
//! length. One that comes in chunks it would read to its end, however far that is, unless somebody still holds it. So the
//! server holds all of those until they are answered, whoever answers: see [`Chunked`].

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::{HttpMessage, HttpResponse, ResponseError, web};
use bytes::Bytes;
use futures_util::Stream;

use crate::Problem;

/// The most of a refused body that is taken from the connection to keep it: less than a new connection costs.
const MOST_DISCARDED: usize = 16 << 10;

/// The answer to a request that is refused. What has come of its body is thrown away, if it is the whole and small: then the
/// connection can serve the next request. Otherwise nothing more is read, and the connection closes after the answer.
pub async fn refuse_unread(problem: &Problem, mut payload: web::Payload) -> HttpResponse {
    let response = problem.error_response();
    if discard_arrived(&mut payload).await {
        return response;
    }
    holding(response, payload.into_inner())
}

/// The answer, which holds on to the request's body until it is sent.
pub(crate) fn holding(response: HttpResponse, payload: Payload) -> HttpResponse {
    response.map_body(|_, body| {
        BoxBody::new(Unread {
            body,
            _held: payload,
        })
    })
}

/// A request's body that comes in chunks, held beside the endpoint that may read it, or may not.
pub(crate) struct Chunked(Rc<RefCell<Payload>>);

impl Chunked {
    /// Nothing for the requests whose body has a length, or that have none.
    pub(crate) fn of(request: &mut ServiceRequest) -> Option<Self> {
        if !request.headers().contains_key(TRANSFER_ENCODING) {
            return None;
        }
        let held = Self(Rc::new(RefCell::new(request.take_payload())));
        let lent: Payload = Payload::Stream {
            payload: Box::pin(Self(Rc::clone(&held.0))),
        };
        request.set_payload(lent);
        Some(held)
    }

    /// The answer, which holds on to the body until it is sent.
    pub(crate) fn hold(self, answer: ServiceResponse) -> ServiceResponse {
        answer.map_body(|_, body| BoxBody::new(Unread { body, _held: self }))
    }
}

impl Stream for Chunked {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

/// Whether that was the whole body. Waits for nothing.
async fn discard_arrived(payload: &mut web::Payload) -> bool {
    let mut left = MOST_DISCARDED;
    let mut is_asked = false;
    poll_fn(|context| {
        loop {
            match Pin::new(&mut *payload).poll_next(context) {
                Poll::Ready(None) => return Poll::Ready(true),
                Poll::Ready(Some(Ok(chunk))) if chunk.len() <= left => left -= chunk.len(),
                Poll::Ready(Some(_)) => return Poll::Ready(false),
                Poll::Pending if is_asked => return Poll::Ready(false),
                // What came with the head is handed on only once it is asked for.
                Poll::Pending => {
                    is_asked = true;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
    })
    .await
}

/// An answer's body that holds on to the request's.
struct Unread<H> {
    body: BoxBody,
    _held: H,
}

impl<H: Unpin> MessageBody for Unread<H> {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
