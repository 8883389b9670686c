//! A stream of changes that says what a test wants it to say.

use std::collections::HashMap;

use bytes::{BufMut, Bytes, BytesMut};
use firestore::gcloud_sdk::google::firestore::v1::listen_response::ResponseType;
use firestore::gcloud_sdk::google::firestore::v1::target_change::TargetChangeType;
use firestore::gcloud_sdk::google::firestore::v1::value::ValueType;
use firestore::gcloud_sdk::google::firestore::v1::{
    Document, DocumentChange, ListenResponse, MapValue, TargetChange, Value,
};
use firestore::gcloud_sdk::google::rpc::Status;
use firestore::gcloud_sdk::prost::Message;
use firestore::gcloud_sdk::prost_types::Timestamp;
use firestore::gcloud_sdk::tonic::Code;
use futures_util::FutureExt;
use h2::server::SendResponse;
use http::{HeaderMap, HeaderValue};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::grpc_proxy::{GrpcProxy, Instead, STATUS, head};

enum Said {
    Message(ResponseType),
    End(Code),
}

/// What the next stream that a client opens says. Dropping it says nothing: the stream stays open.
pub struct Script(UnboundedSender<Said>);

impl Script {
    pub fn next(proxy: &GrpcProxy) -> Self {
        let (sender, said) = unbounded_channel();
        let answer = Box::new(|answer| say(answer, said).boxed());
        proxy.next("Listen", Instead::Answered(answer));
        Self(sender)
    }

    fn say(&self, said: Said) {
        assert!(self.0.send(said).is_ok(), "the stream is gone");
    }

    pub fn target(&self, kind: TargetChangeType) {
        self.say(Said::Message(ResponseType::TargetChange(TargetChange {
            target_change_type: kind.into(),
            ..TargetChange::default()
        })));
    }

    pub fn removed(&self, code: Code, message: &str) {
        self.say(Said::Message(ResponseType::TargetChange(TargetChange {
            target_change_type: TargetChangeType::Remove.into(),
            cause: Some(Status {
                code: code.into(),
                message: message.to_owned(),
                details: Vec::new(),
            }),
            ..TargetChange::default()
        })));
    }

    /// The document of all time, at that version.
    pub fn version(&self, project: &str, version: i64) {
        self.document(
            project,
            [("version".to_owned(), integer(version))].into(),
            None,
        );
    }

    /// The same, written at that second, when an hour was.
    pub fn version_with_hour(&self, project: &str, version: i64, hour: &str, seconds: i64) {
        let hours = MapValue {
            fields: [(hour.to_owned(), integer(version))].into(),
        };
        let written = Value {
            value_type: Some(ValueType::MapValue(hours)),
        };
        let version = integer(version);
        let fields = [
            ("version".to_owned(), version),
            ("written".to_owned(), written),
        ];
        let at = Timestamp { seconds, nanos: 0 };
        self.document(project, fields.into(), Some(at));
    }

    fn document(&self, project: &str, fields: HashMap<String, Value>, at: Option<Timestamp>) {
        let name = format!("projects/{project}/databases/(default)/documents/totals/all_time");
        let document = Document {
            name,
            fields,
            update_time: at,
            ..Document::default()
        };
        self.say(Said::Message(ResponseType::DocumentChange(
            DocumentChange {
                document: Some(document),
                ..DocumentChange::default()
            },
        )));
    }

    pub fn end(&self, code: Code) {
        self.say(Said::End(code));
    }
}

fn integer(number: i64) -> Value {
    Value {
        value_type: Some(ValueType::IntegerValue(number)),
    }
}

async fn say(mut answer: SendResponse<Bytes>, mut said: UnboundedReceiver<Said>) -> Option<()> {
    let mut stream = answer.send_response(head(), false).ok()?;
    while let Some(said) = said.recv().await {
        let response = match said {
            Said::Message(message) => ListenResponse {
                response_type: Some(message),
            },
            Said::End(code) => {
                let status = HeaderValue::from(i32::from(code));
                let trailers = HeaderMap::from_iter([(STATUS, status)]);
                return stream.send_trailers(trailers).ok();
            }
        };
        let message = response.encode_to_vec();
        let mut framed = BytesMut::new();
        framed.put_u8(0);
        framed.put_u32(u32::try_from(message.len()).ok()?);
        framed.put_slice(&message);
        stream.send_data(framed.freeze(), false).ok()?;
    }
    std::future::pending().await
}
