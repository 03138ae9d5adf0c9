//! The document says what the router does, and real answers are what it says.

use nebulalinks_gateway::openapi;
use nebulalinks_protocol::{BatchDelete, BatchItem, BatchRequest, ErrorCode, Expect, Problem};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, EMAIL, World, claim, put, uuid};

fn document() -> Value {
    serde_json::from_str(&openapi::json()).unwrap()
}

/// Who may ask for a path.
fn asker<'a>(world: &'a World, scripts: &'a Caller, path: &str) -> &'a Caller {
    if path.starts_with("/api/") { scripts } else { world }
}

#[tokio::test]
async fn a_method_and_path_is_routed_if_and_only_if_it_is_documented() {
    let world = World::new().await;
    let scripts = world.scripts();
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 15);
    for (path, operations) in paths {
        let real = path.replace("{email}", "nobody");
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"] {
            let caller = asker(&world, &scripts, path);
            let raw = caller.request(method, &real, b"");
            let answer = caller.send(&raw).await;
            assert!(caller.is_signed(&raw, &answer), "{method} {path}");
            // A client may be called so, for a path that names any.
            let of_any = if path == "/v1/clients/batch" {
                &paths["/v1/clients/{email}"]
            } else {
                &Value::Null
            };
            let documented =
                [operations, of_any].iter().any(|o| o.get(method.to_lowercase()).is_some());
            let unknown =
                answer.status == 404 && answer.json::<Problem>().detail.starts_with("no such path");
            assert_eq!(documented, !unknown, "{method} {path}: {answer:?}");
        }
    }
    for path in ["/v1", "/v1/", "/api/vpn", "/api/vpn/stats/", "/api/vpn/enable", "/openapi.json"] {
        let answer = world.ask("GET", path, &()).await;
        assert_eq!(answer.json::<Problem>().code, ErrorCode::NotFound, "{path}");
    }
}

#[test]
fn every_operation_says_who_may_ask_and_how_it_fails() {
    let document = document();
    let schemes = &document["components"]["securitySchemes"];
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name =
                if path.starts_with("/api/") { "scriptSignature" } else { "controllerSignature" };
            assert_eq!(operation["security"], json!([{ name: [] }]), "{method} {path}");
            assert!(schemes[name]["description"].as_str().unwrap().contains("RFC 9421"));
            let problem = &operation["responses"]["default"]["content"]["application/problem+json"];
            assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem");
            assert_eq!(operation["requestBody"].is_object(), method != "get", "{method} {path}");
        }
    }
    for (_, operations) in document["paths"].as_object().unwrap() {
        for (_, operation) in operations.as_object().unwrap() {
            for status in ["401", "403", "429"] {
                let content = &operation["responses"][status]["content"];
                assert!(content["application/problem+json"].is_object(), "{status}: {content}");
            }
        }
    }
    // Whoever writes a client can try what a key's id is.
    let key = nebulalinks_protocol::Key::new(std::array::from_fn(|n| u8::try_from(n).unwrap()));
    let said = schemes["controllerSignature"]["description"].as_str().unwrap();
    assert!(said.contains(&format!("`{}`", key.id())), "{} is not in {said}", key.id());
    let codes = document["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap();
    let known: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes.len(), known.len());
    assert!(codes.iter().all(|code| known.contains(&code.as_str().unwrap())));
}

/// What the document says of one operation's request or answer.
struct Said {
    document: Value,
}

impl Said {
    fn check(&self, schema: &Value, instance: &Value) -> Result<(), String> {
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": self.document["components"],
        });
        let validator = jsonschema::validator_for(&whole).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(instance)
            .map(|e| format!("{} at {}", e, e.instance_path()))
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
    }

    fn operation(&self, method: &str, path: &str) -> &Value {
        &self.document["paths"][path][method.to_lowercase()]
    }

    /// Asks, and checks both the body that was sent and the answer against the document.
    async fn ask(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> Answer {
        let operation = self.operation(method, path);
        let real = path.replace("{email}", body["client"]["email"].as_str().unwrap_or(EMAIL));
        if operation["requestBody"].is_object() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            self.check(schema, body).unwrap_or_else(|e| panic!("request of {method} {path}: {e}"));
        }
        let answer = caller.ask(method, &real, body).await;
        let (answered, kind) = match answer.status {
            200 => ("200", "application/json"),
            _ => ("default", "application/problem+json"),
        };
        let schema = &operation["responses"][answered]["content"][kind]["schema"];
        assert!(schema.is_object(), "{method} {path}");
        self.check(schema, &answer.json()).unwrap_or_else(|e| panic!("{method} {path}: {e}"));
        answer
    }
}

fn value(body: &impl serde::Serialize) -> Value {
    serde_json::to_value(body).unwrap()
}

#[tokio::test]
async fn real_requests_and_answers_are_what_the_document_says() {
    let world = World::new().await;
    let scripts = world.scripts();
    let said = Said { document: document() };
    let one = "/v1/clients/{email}";
    let ok = |answer: &Answer| assert_eq!(answer.status, 200, "{answer:?}");
    ok(&said.ask(&world, "GET", "/v1/health", &Value::Null).await);
    let answer = said.ask(&world, "POST", "/v1/claim", &value(&claim("store-1", "p1", 5))).await;
    let fence = answer.json::<Value>()["fence"].as_u64().unwrap();
    let old = said.ask(&world, "PUT", one, &value(&put(fence - 1, Expect::Absent))).await;
    assert_eq!(old.status, 409);
    ok(&said.ask(&world, "PUT", one, &value(&put(fence, Expect::Absent))).await);
    ok(&said.ask(&world, "PUT", one, &value(&put(fence, Expect::Uuid(uuid())))).await);
    world.panel.add_foreign("stranger").unwrap();
    ok(&said.ask(&world, "GET", "/v1/clients", &Value::Null).await);
    ok(&said.ask(&world, "GET", one, &Value::Null).await);
    let delete = |email: &str| {
        BatchItem::Delete(BatchDelete { email: email.to_owned(), uuid: uuid::Uuid::from_u128(9) })
    };
    let batch = BatchRequest { fence, items: vec![delete(EMAIL), delete("nl-gone")], store: None };
    ok(&said.ask(&world, "POST", "/v1/clients/batch", &value(&batch)).await);
    let body = json!({"fence": fence, "uuid": uuid()});
    ok(&said.ask(&world, "DELETE", one, &body).await);
    let served = said.ask(&world, "GET", "/v1/openapi.json", &Value::Null).await;
    assert_eq!(served.json::<Value>(), said.document);

    let body =
        json!({"email": EMAIL, "inbounds": [1, "ws"], "never_ends": true, "unlimited": true});
    assert_eq!(said.ask(&scripts, "POST", "/api/vpn/create", &body).await.status, 409);
    let mut body = body;
    body["email"] = "bob".into();
    ok(&said.ask(&scripts, "POST", "/api/vpn/create", &body).await);
    let body = json!({"email": "bob", "until_ms": scripts.now() + 1_000});
    ok(&said.ask(&scripts, "POST", "/api/vpn/extend", &body).await);
    let body = json!({"email": "bob", "cap_gib": 3});
    ok(&said.ask(&scripts, "POST", "/api/vpn/add-traffic", &body).await);
    let body = json!({"email": "bob"});
    ok(&said.ask(&scripts, "POST", "/api/vpn/disable", &body).await);
    let body = json!({"client": {"email": "bob"}});
    ok(&said.ask(&scripts, "GET", "/api/vpn/stats/{email}", &body).await);
    ok(&said.ask(&scripts, "POST", "/api/vpn/delete", &json!({"email": "bob"})).await);
    ok(&said.ask(&scripts, "GET", "/api/health", &Value::Null).await);
}

#[test]
fn what_the_gateway_refuses_by_its_form_the_document_refuses_too() {
    let said = Said { document: document() };
    let create = json!({"$ref": "#/components/schemas/CreateRequest"});
    let good = json!({"email": "bob", "inbounds": [1], "days": 3, "cap_gib": 5});
    assert_eq!(said.check(&create, &good), Ok(()));
    for (field, wrong) in [
        ("days", json!(0)),
        ("days", json!(-1)),
        ("days", json!(1.5)),
        ("cap_gib", json!(0)),
        ("expires", json!(3)),
        ("email", json!(7)),
        ("inbounds", json!([{}])),
        ("uuid", json!(7)),
    ] {
        let mut body = good.clone();
        body[field] = wrong.clone();
        assert!(said.check(&create, &body).is_err(), "{field}: {wrong}");
    }
    let end = json!({"$ref": "#/components/schemas/End"});
    for wrong in [json!({"at_ms": 0}), json!("soon"), json!({}), json!({"at_ms": 1, "x": 1})] {
        assert!(said.check(&end, &wrong).is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn the_operators_own_listener_shows_the_document_unsigned() {
    let app = nebulalinks_gateway::metrics_router(prometheus::Registry::new());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/openapi.json", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let served: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(served, document());
    serving.abort();
}
