use super::super::loopback::answers_for;
use super::*;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Write as _;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{accept_async, connect_async};

fn dispatch(name: &str, kind: u64) -> String {
    json!({"op": 0, "s": 7, "t": name, "d": {"type": kind, "text": INTERACTION}}).to_string()
}

fn deflated(text: &str) -> Message {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    Message::binary(encoder.finish().unwrap())
}

#[test]
fn of_all_that_comes_only_a_dialog_that_was_sent_gets_another_name() {
    for wrap in [|text: &str| Message::text(text), |text: &str| deflated(text)] {
        let Message::Text(text) = as_sent(wrap(&dispatch(INTERACTION, 5))) else { panic!() };
        let frame: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(frame["t"], DIALOG);
        assert_eq!((&frame["op"], &frame["s"]), (&json!(0), &json!(7)), "the rest stays");
        assert_eq!(frame["d"], json!({"type": 5, "text": INTERACTION}));
        for other in [
            dispatch(INTERACTION, 3),
            dispatch("MESSAGE_CREATE", 5),
            INTERACTION.to_owned(),
            format!("{}{}", dispatch(INTERACTION, 5), " ".repeat(1 << 20)),
        ] {
            let frame = wrap(&other);
            assert_eq!(as_sent(frame.clone()), frame);
        }
    }
    let odd = Message::binary(vec![1, 2, 3]);
    assert_eq!(as_sent(odd.clone()), odd);
}

/// A gateway that takes one connection.
async fn gateway() -> (TcpListener, Tap) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let tap = Tap::before(&url).await.unwrap();
    (listener, tap)
}

#[tokio::test]
async fn frames_pass_both_ways_and_why_the_gateway_closes_is_heard() {
    let (listener, tap) = gateway().await;
    let far = async {
        let mut far = accept_async(listener.accept().await.unwrap().0).await.unwrap();
        far.send(Message::Ping(vec![1].into())).await.unwrap();
        let mut heard = BTreeSet::new();
        while heard.len() < 2 {
            heard.insert(far.next().await.unwrap().unwrap().to_string());
        }
        assert_eq!(heard, ["identify", "\u{1}"].map(str::to_owned).into(), "one pong, of the hop");
        far.send(deflated("ready")).await.unwrap();
        let frame = CloseFrame { code: CloseCode::from(4014), reason: "intents".into() };
        far.send(Message::Close(Some(frame))).await.unwrap();
        while far.next().await.is_some_and(|frame| frame.is_ok()) {}
    };
    let near = async {
        let (mut near, _) = connect_async(tap.url()).await.unwrap();
        near.send(Message::text("identify")).await.unwrap();
        assert_eq!(near.next().await.unwrap().unwrap(), deflated("ready"));
        let Message::Close(Some(frame)) = near.next().await.unwrap().unwrap() else { panic!() };
        assert_eq!((u16::from(frame.code), frame.reason.as_str()), (4014, "intents"));
    };
    tokio::join!(far, near);
}

#[tokio::test]
async fn a_gateway_that_is_lost_or_not_there_is_lost_for_serenity_too() {
    let (listener, tap) = gateway().await;
    let far = async {
        let far = accept_async(listener.accept().await.unwrap().0).await.unwrap();
        drop(far);
        drop(listener);
    };
    let near = async {
        let (mut near, _) = connect_async(tap.url()).await.unwrap();
        assert!(near.next().await.is_none_or(|frame| frame.is_err()));
    };
    tokio::join!(far, near);
    assert!(connect_async(tap.url()).await.is_err(), "nobody answers for it");
}

/// Ends TLS for `localhost`, and what trusts it.
fn localhost() -> (TlsAcceptor, Connector) {
    let (acceptor, certificate) = answers_for("localhost");
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    (acceptor, Connector::Rustls(Arc::new(client)))
}

#[tokio::test]
async fn the_gateway_is_spoken_to_over_tls_and_only_where_somebody_answers_for_its_name() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let (acceptor, trusted) = localhost();
    let url = format!("wss://localhost:{}", listener.local_addr().unwrap().port());
    for (tls, is_spoken_to) in [(Some(trusted), true), (None, false)] {
        let tap = Tap::through(&url, tls).await.unwrap();
        let far = async {
            let stream = acceptor.accept(listener.accept().await.unwrap().0).await.ok()?;
            let mut far = accept_async(stream).await.unwrap();
            far.send(Message::text("hello")).await.unwrap();
            Some(far)
        };
        let near = async {
            let (mut near, _) = connect_async(tap.url()).await.ok()?;
            near.next().await?.ok()
        };
        let (far, near) = tokio::join!(far, near);
        assert_eq!((far.is_some(), near.is_some()), (is_spoken_to, is_spoken_to));
    }
}
