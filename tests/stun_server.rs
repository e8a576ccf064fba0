//! Answers of a server, and the reasons.
#![cfg(feature = "stun")]

use icelens::stun::auth::{Account, Auth, LongTerm};
use icelens::stun::nonce::{NonceSecret, SecurityFeatures};
use icelens::stun::server::{Answer, MAX_UNKNOWN, Outcome, Role, Rule, Server, Verdict};
use icelens::stun::{
    Algorithm, AlgorithmParameters, Algorithms, Builder, Class, Key, Message, Method, TransactionId, Value, attribute,
    user_hash,
};
use std::net::SocketAddr;

const ID: TransactionId = TransactionId::new(*b"transaction!");

fn source() -> SocketAddr {
    "198.51.100.7:4242".parse().unwrap()
}

fn request(fill: impl FnOnce(&mut Builder<'_>)) -> Vec<u8> {
    message(Class::Request, ID, fill)
}

fn message(class: Class, id: TransactionId, fill: impl FnOnce(&mut Builder<'_>)) -> Vec<u8> {
    let mut buffer = [0; 2048];
    let mut builder = Builder::new(&mut buffer, class, Method::BINDING, id).unwrap();
    fill(&mut builder);
    builder.finish().to_vec()
}

fn ask(server: &Server<'_>, request: &[u8]) -> (Answer, Vec<u8>) {
    let mut out = [0; 1280];
    let answer = server.answer(request, source(), 1000, &mut out);
    (answer, out[..answer.len].to_vec())
}

fn last(answer: &Answer) -> (Rule, Outcome) {
    let steps = answer.steps.as_slice();
    *steps.iter().rev().find(|(rule, _)| *rule != Rule::Response).unwrap()
}

#[test]
fn a_plain_request_gets_its_source() {
    let server = Server { software: b"icelens test", fingerprint: true, ..Server::default() };
    let (answer, bytes) = ask(&server, &request(|_| {}));
    assert_eq!(answer.verdict, Verdict::Success);
    let response = Message::parse(&bytes).unwrap();
    assert_eq!((response.class(), response.transaction_id()), (Class::Success, ID));
    assert_eq!(response.mapped_address(), Some(source()));
    assert_eq!(response.software(), Some("icelens test"));
    assert!(response.fingerprint().is_valid());
}

#[test]
fn a_classic_request_gets_mapped_address_and_nothing_it_does_not_know() {
    let id = TransactionId::classic(*b"0123456789abcdef");
    let server = Server { software: b"icelens test", fingerprint: true, ..Server::default() };
    let (answer, bytes) = ask(&server, &message(Class::Request, id, |_| {}));
    assert_eq!(answer.verdict, Verdict::Success);
    let response = Message::parse(&bytes).unwrap();
    let codes: Vec<u16> = response.attributes().map(|found| found.code()).collect();
    assert_eq!(codes, [attribute::MAPPED_ADDRESS]);
    assert_eq!(response.transaction_id(), id);
    assert!(answer.steps.as_slice().contains(&(Rule::Cookie, Outcome::Skipped)));
}

#[test]
fn only_requests_are_answered() {
    for class in [Class::Indication, Class::Success, Class::Error] {
        let (answer, bytes) = ask(&Server { refuse_malformed: true, ..Server::default() }, &message(class, ID, |_| {}));
        assert_eq!((answer.verdict, bytes.len()), (Verdict::Ignored, 0));
        assert_eq!(last(&answer), (Rule::Class, Outcome::Failed));
    }
}

#[test]
fn malformed_requests_are_dropped_or_refused() {
    let strict = Server::default();
    let talkative = Server { refuse_malformed: true, ..strict };
    let mut trailing = request(|_| {});
    trailing.push(0);
    assert_eq!(ask(&strict, &trailing).0.verdict, Verdict::Ignored);
    let (answer, bytes) = ask(&talkative, &trailing);
    assert_eq!((answer.verdict, last(&answer)), (Verdict::Refused(400), (Rule::Structure, Outcome::Failed)));
    let response = Message::parse(&bytes).unwrap();
    assert_eq!((response.class(), response.transaction_id()), (Class::Error, ID));
    assert_eq!(response.error_code().unwrap().code, 400);

    let mut wrong_crc = request(|builder| _ = builder.fingerprint().unwrap());
    *wrong_crc.last_mut().unwrap() ^= 1;
    assert_eq!(ask(&strict, &wrong_crc).0.verdict, Verdict::Ignored);
    assert_eq!(last(&ask(&talkative, &wrong_crc).0), (Rule::Fingerprint, Outcome::Failed));
    for short in [&b""[..], &[0; 19], &[0xff; 40]] {
        assert_eq!(ask(&talkative, short).0.verdict, Verdict::Ignored);
    }
}

#[test]
fn unknown_required_attributes_are_listed() {
    let asked = request(|builder| {
        builder.raw(0x7001, b"").unwrap().raw(0x9001, b"").unwrap();
        builder.attribute(attribute::CHANGE_REQUEST, &Value::ChangeRequest { ip: true, port: true }).unwrap();
    });
    let (answer, bytes) = ask(&Server::default(), &asked);
    assert_eq!(answer.verdict, Verdict::Refused(420));
    let response = Message::parse(&bytes).unwrap();
    let Some(Value::Codes(codes)) = response.value(attribute::UNKNOWN_ATTRIBUTES) else { panic!() };
    assert_eq!(codes.iter().collect::<Vec<_>>(), [0x7001, attribute::CHANGE_REQUEST]);

    let understood = [0x7001, attribute::CHANGE_REQUEST];
    assert_eq!(ask(&Server { understood: &understood, ..Server::default() }, &asked).0.verdict, Verdict::Success);

    let many = request(|builder| (0..100).for_each(|code| _ = builder.raw(0x7000 + code, b"").unwrap()));
    let (_, bytes) = ask(&Server::default(), &many);
    let Some(Value::Codes(codes)) = Message::parse(&bytes).unwrap().value(attribute::UNKNOWN_ATTRIBUTES) else {
        panic!()
    };
    assert_eq!(codes.iter().len(), MAX_UNKNOWN);
}

#[test]
fn short_term_credentials() {
    let (key, wrong) = (Key::short_term("pass"), Key::short_term("other"));
    let server = Server { auth: Auth::ShortTerm { username: b"left:", key: &key }, ..Server::default() };
    let signed = |name: &str, key: &Key| {
        request(|builder| {
            builder.attribute(attribute::USERNAME, &Value::Text(name)).unwrap();
            builder.sign(key).unwrap().fingerprint().unwrap();
        })
    };
    let (answer, bytes) = ask(&server, &signed("left:right", &key));
    assert_eq!(answer.verdict, Verdict::Success);
    let response = Message::parse(&bytes).unwrap();
    assert!(response.verify(&key).is_valid() && response.fingerprint().is_valid());
    for (request, code, rule) in [
        (request(|_| {}), 400, Rule::IntegrityPresent),
        (request(|builder| _ = builder.sign(&key).unwrap()), 400, Rule::CredentialsPresent),
        (signed("right:left", &key), 401, Rule::User),
        (signed("left:right", &wrong), 401, Rule::Integrity),
    ] {
        let (answer, _) = ask(&server, &request);
        assert_eq!((answer.verdict, last(&answer)), (Verdict::Refused(code), (rule, Outcome::Failed)));
    }
}

#[test]
fn long_term_credentials_from_challenge_to_success() {
    let secret = NonceSecret::new(&[9; 32]);
    let users = vec![Account::new("user", "example.org", "pass")];
    let terms = LongTerm { realm: b"example.org", secret: &secret, nonce_lifetime: 600, users: &users };
    let server = Server { auth: Auth::LongTerm(terms), ..Server::default() };

    let (answer, challenge) = ask(&server, &request(|_| {}));
    assert_eq!((answer.verdict, last(&answer).0), (Verdict::Refused(401), Rule::IntegrityPresent));
    let challenge = Message::parse(&challenge).unwrap();
    let (realm, nonce) = (challenge.realm().unwrap(), challenge.nonce().unwrap());
    assert!(SecurityFeatures::of_nonce(nonce.as_bytes()).unwrap().password_algorithms());
    assert_eq!(challenge.value(attribute::PASSWORD_ALGORITHMS), Some(Value::Algorithms(Algorithms::BOTH)));

    let md5 = Key::long_term("user", realm, "pass", Algorithm::Md5);
    let plain = request(|builder| {
        builder.attribute(attribute::USERNAME, &Value::Text("user")).unwrap();
        builder.attribute(attribute::REALM, &Value::Text(realm)).unwrap();
        builder.attribute(attribute::NONCE, &Value::Text(nonce)).unwrap();
        builder.sign(&md5).unwrap();
    });
    let (answer, bytes) = ask(&server, &plain);
    assert_eq!(answer.verdict, Verdict::Success);
    assert!(Message::parse(&bytes).unwrap().verify_sha1(&md5).is_valid());

    let sha256 = Key::long_term("user", realm, "pass", Algorithm::Sha256);
    let negotiated = |offered: Algorithms<'_>, picked: u16| {
        request(|builder| {
            let picked = AlgorithmParameters { algorithm: picked, parameters: b"" };
            let hash = user_hash("user", realm);
            builder.attribute(attribute::USERHASH, &Value::Bytes(&hash)).unwrap();
            builder.attribute(attribute::REALM, &Value::Text(realm)).unwrap();
            builder.attribute(attribute::NONCE, &Value::Text(nonce)).unwrap();
            builder.attribute(attribute::PASSWORD_ALGORITHMS, &Value::Algorithms(offered)).unwrap();
            builder.attribute(attribute::PASSWORD_ALGORITHM, &Value::Algorithm(picked)).unwrap();
            builder.sign_sha256(&sha256, 32).unwrap();
        })
    };
    let (answer, bytes) = ask(&server, &negotiated(Algorithms::BOTH, 2));
    assert_eq!(answer.verdict, Verdict::Success);
    assert!(Message::parse(&bytes).unwrap().verify_sha256(&sha256).is_valid());
    // rice-proto negotiates, then signs by SHA-1 and looks for that in the answer; RFC 8489 §9.2.4 wants SHA-256.
    let by_sha1 = request(|builder| {
        let picked = AlgorithmParameters { algorithm: 1, parameters: b"" };
        builder.attribute(attribute::USERNAME, &Value::Text("user")).unwrap();
        builder.attribute(attribute::REALM, &Value::Text(realm)).unwrap();
        builder.attribute(attribute::NONCE, &Value::Text(nonce)).unwrap();
        builder.attribute(attribute::PASSWORD_ALGORITHMS, &Value::Algorithms(Algorithms::BOTH)).unwrap();
        builder.attribute(attribute::PASSWORD_ALGORITHM, &Value::Algorithm(picked)).unwrap();
        builder.sign(&md5).unwrap();
    });
    let (answer, bytes) = ask(&server, &by_sha1);
    assert_eq!(answer.verdict, Verdict::Success);
    let signed = Message::parse(&bytes).unwrap();
    assert!(signed.verify_sha1(&md5).is_valid() && signed.verify_sha256(&md5).is_valid());
    // Somebody on the path struck SHA-256 from the list that the client saw.
    let (answer, _) = ask(&server, &negotiated(Algorithms::new(&[0, 1, 0, 0]).unwrap(), 1));
    assert_eq!((answer.verdict, last(&answer).0), (Verdict::Refused(400), Rule::Algorithms));

    let mut out = [0; 1280];
    let late = server.answer(&plain, source(), 1600, &mut out);
    assert_eq!((late.verdict, last(&late).0), (Verdict::Refused(438), Rule::Nonce));
    let fresh = Message::parse(&out[..late.len]).unwrap();
    assert_ne!(fresh.nonce(), Some(nonce));
    let elsewhere = server.answer(&plain, "198.51.100.7:4243".parse().unwrap(), 1000, &mut out);
    assert_eq!(elsewhere.verdict, Verdict::Refused(438));
}

#[test]
fn role_conflicts_as_rfc_8445_decides_them() {
    let check = |code, tie_breaker| request(|builder| _ = builder.attribute(code, &Value::Long(tie_breaker)).unwrap());
    let (controlling, controlled) = (attribute::ICE_CONTROLLING, attribute::ICE_CONTROLLED);
    for (ours, code, theirs, verdict, switch) in [
        (true, controlling, 4, Verdict::Refused(487), false),
        (true, controlling, 5, Verdict::Refused(487), false),
        (true, controlling, 6, Verdict::Success, true),
        (true, controlled, 9, Verdict::Success, false),
        (false, controlled, 4, Verdict::Success, true),
        (false, controlled, 5, Verdict::Success, true),
        (false, controlled, 6, Verdict::Refused(487), false),
        (false, controlling, 0, Verdict::Success, false),
    ] {
        let server = Server { role: Some(Role { controlling: ours, tie_breaker: 5 }), ..Server::default() };
        let (answer, _) = ask(&server, &check(code, theirs));
        assert_eq!((answer.verdict, answer.switch_role), (verdict, switch), "{ours} {code:x} {theirs}");
    }
}

#[test]
fn an_alternate_server_is_named() {
    let alternate: SocketAddr = "203.0.113.9:3478".parse().unwrap();
    let (answer, bytes) = ask(&Server { alternate: Some(alternate), ..Server::default() }, &request(|_| {}));
    assert_eq!(answer.verdict, Verdict::Refused(300));
    let named = Message::parse(&bytes).unwrap().value(attribute::ALTERNATE_SERVER);
    assert_eq!(named, Some(Value::Address(alternate)));
}

#[test]
fn a_small_buffer_gets_no_half_response() {
    let request = request(|_| {});
    for len in 0..32 {
        let answer = Server::default().answer(&request, source(), 0, &mut vec![0; len]);
        assert_eq!((answer.verdict, answer.len), (Verdict::Ignored, 0));
        assert_eq!(answer.steps.as_slice().last(), Some(&(Rule::Response, Outcome::Failed)));
    }
}
