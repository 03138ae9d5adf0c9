//! The gateway's API as an OpenAPI 3.1 document, generated from the wire types.

use nebulalinks_protocol::headers::{JSON, PROBLEM_JSON};
use nebulalinks_protocol::{
    AddressesAnswer, BatchAnswer, BatchRequest, ClaimRequest, ClaimResponse, ClientAnswer,
    ClientList, DeleteRequest, Health, Problem, PutRequest, RestartAnswer, RestartRequest, Role,
    WriteAnswer,
};
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, Paths,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Object, Ref, Required, Response, ResponseBuilder, Schema, Type,
};
use utoipa::{OpenApi, openapi};

use crate::scripts::types::{
    AddTrafficRequest, CreateAnswer, CreateRequest, ExtendRequest, NamedRequest, StatsAnswer,
    WrittenAnswer,
};

/// Where the document is served, signed, to whoever may ask `/v1/`.
pub(crate) const PATH: &str = "/v1/openapi.json";

/// What the signature is, in the words of a document that has no word for it.
const SIGNATURE: &str = "HTTP Message Signatures (RFC 9421) in the strict profile \
    `nebulalinks-gw-v1`: HMAC-SHA256 over method, authority, path, query, content type and content \
    digest (RFC 9530), in this order, with `created`, `expires`, `nonce`, `alg`, `keyid` and `tag`. \
    Each request needs `Content-Type: application/json`, `Content-Length` (also 0), \
    `Content-Digest`, `Signature-Input` and `Signature`, and a nonce of its own. Answers are signed \
    as well, and bound to their request. `keyid` is the id of the request key, and of the response key \
    in an answer: `k-` and 16 hex digits, the first 8 bytes of HMAC-SHA256 with the key over \
    `nebulalinks-gw-v1|keyid`; of the key 000102…1e1f it is `k-af23ab03c73eda20`. It names a key and opens \
    nothing. The host under `@authority` must be one of the gateway's own. `nebulalinks-gateway call` \
    does all of it.";

#[derive(OpenApi)]
#[openapi(components(schemas(
    AddTrafficRequest,
    AddressesAnswer,
    BatchAnswer,
    BatchRequest,
    ClaimRequest,
    ClaimResponse,
    ClientAnswer,
    ClientList,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    ExtendRequest,
    Health,
    NamedRequest,
    Problem,
    PutRequest,
    RestartAnswer,
    RestartRequest,
    StatsAnswer,
    WriteAnswer,
    WrittenAnswer,
)))]
struct Schemas;

/// One operation: who may ask, how, and what is taken and given.
struct Op {
    role: Role,
    method: HttpMethod,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    /// Schemas, by name; no body or any JSON where there is none.
    takes: Option<&'static str>,
    gives: Option<&'static str>,
}

const fn op(
    role: Role,
    method: HttpMethod,
    path: &'static str,
    id: &'static str,
    takes: Option<&'static str>,
    gives: Option<&'static str>,
    summary: &'static str,
) -> Op {
    Op { role, method, path, id, summary, takes, gives }
}

use HttpMethod::{Delete, Get, Post, Put};
use Role::{Controller, Scripts};

#[rustfmt::skip]
const OPERATIONS: [Op; 17] = [
    op(Controller, Get, "/v1/health", "health", None, Some("Health"),
        "How the gateway and its panel are"),
    op(Controller, Post, "/v1/claim", "claim", Some("ClaimRequest"), Some("ClaimResponse"),
        "Become the controller that writes, or stay it"),
    op(Controller, Get, "/v1/clients", "listClients", None, Some("ClientList"),
        "Everything on the panel, complete or an error; with `?unreadable=named` complete but for inbounds that it names"),
    op(Controller, Get, "/v1/clients/{email}", "getClient", None, Some("ClientAnswer"),
        "One client, or its proven absence"),
    op(Controller, Get, "/v1/clients/{email}/addresses", "clientAddresses", None, Some("AddressesAnswer"),
        "From where a client of the shop was connected lately, as the panel counts devices"),
    op(Controller, Put, "/v1/clients/{email}", "putClient", Some("PutRequest"), Some("WriteAnswer"),
        "Make a client of the shop as asked"),
    op(Controller, Delete, "/v1/clients/{email}", "deleteClient", Some("DeleteRequest"), Some("WriteAnswer"),
        "Remove a client of the shop"),
    op(Controller, Post, "/v1/clients/batch", "batch", Some("BatchRequest"), Some("BatchAnswer"),
        "Up to 100 writes, with a result for each"),
    op(Controller, Post, "/v1/xray/restart", "restartXray", Some("RestartRequest"), Some("RestartAnswer"),
        "Start a running Xray anew, so that open sessions end; everybody there reconnects"),
    op(Controller, Get, PATH, "document", None, None,
        "This document"),
    op(Scripts, Post, "/api/vpn/create", "scriptCreate", Some("CreateRequest"), Some("CreateAnswer"),
        "Make a client that is not the shop's"),
    op(Scripts, Post, "/api/vpn/extend", "scriptExtend", Some("ExtendRequest"), Some("WrittenAnswer"),
        "Give a client a later end; `days` adds each time, `until_ms` can be repeated"),
    op(Scripts, Post, "/api/vpn/add-traffic", "scriptAddTraffic", Some("AddTrafficRequest"), Some("WrittenAnswer"),
        "Give a client more traffic; `add_` adds each time, `cap_` can be repeated"),
    op(Scripts, Post, "/api/vpn/disable", "scriptDisable", Some("NamedRequest"), Some("WrittenAnswer"),
        "Switch a client off"),
    op(Scripts, Post, "/api/vpn/delete", "scriptDelete", Some("NamedRequest"), Some("WrittenAnswer"),
        "Remove a client; one that is not there is `unchanged`"),
    op(Scripts, Get, "/api/vpn/stats/{email}", "scriptStats", None, Some("StatsAnswer"),
        "What a client has used, what is left, and when it ends"),
    op(Scripts, Get, "/api/health", "scriptHealth", None, Some("Health"),
        "How the gateway and its panel are"),
];

/// The API as an OpenAPI document.
#[must_use]
pub fn document() -> openapi::OpenApi {
    let mut document = Schemas::openapi();
    document.info.title = "NebulaLinks gateway".to_owned();
    document.info.version = crate::VERSION.to_owned();
    document.info.description = Some(
        "What the gateway beside a 3x-ui panel answers: `/v1/` to the shop's controller, `/api/` \
         to the operator's scripts, each with keys of its own. Every failure is a problem of \
         RFC 9457 with a code of a closed list, `application/problem+json`, refusals included. A \
         refusal before the signature is proven (401, 403 of an address, 429 of an address) is the \
         same problem, and cannot be signed."
            .to_owned(),
    );
    if let Some(components) = &mut document.components {
        for role in Role::ALL {
            let key = ApiKeyValue::with_description("Signature", SIGNATURE);
            components
                .add_security_scheme(scheme(role), SecurityScheme::ApiKey(ApiKey::Header(key)));
        }
    }
    let mut paths = Paths::new();
    for op in OPERATIONS {
        let built = op.build();
        paths.add_path_operation(op.path, vec![op.method], built);
    }
    document.paths = paths;
    document
}

/// The document as JSON.
#[must_use]
pub fn json() -> String {
    // Maps with text keys and nothing that can fail: the empty text is never seen.
    document().to_pretty_json().unwrap_or_default()
}

const fn scheme(role: Role) -> &'static str {
    match role {
        Role::Controller => "controllerSignature",
        Role::Scripts => "scriptSignature",
    }
}

impl Op {
    /// Whether it writes to the panel.
    fn writes(&self) -> bool {
        !matches!((&self.method, self.path), (Get, _) | (_, "/v1/claim"))
    }

    fn build(&self) -> OperationBuilder {
        let success = ResponseBuilder::new()
            .description("Done")
            .content(JSON, self.gives.map_or_else(any, reference));
        let mut built = OperationBuilder::new()
            .operation_id(Some(self.id))
            .summary(Some(self.summary))
            .tag(self.role.as_str())
            .security(SecurityRequirement::new::<_, [&str; 0], &str>(scheme(self.role), []))
            .response("200", success)
            .response("401", refused(UNPROVEN))
            .response(
                "403",
                refused("Refused: this address, this key, or the host it was signed for"),
            )
            .response("429", refused("Too often: `retry_after_ms` says when again"))
            .response("default", problem());
        if self.path.contains("{email}") {
            built = built.parameter(email());
        }
        if self.writes() {
            built = built.parameter(panel());
        }
        if let Some(name) = self.takes {
            let body = RequestBodyBuilder::new()
                .required(Some(Required::True))
                .content(JSON, reference(name));
            built = built.request_body(Some(body.build()));
        }
        built
    }
}

fn reference(schema: &str) -> openapi::Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build()
}

fn any() -> openapi::Content {
    ContentBuilder::new().schema(Some(Schema::Object(Object::with_type(Type::Object)))).build()
}

/// What a 401 is.
const UNPROVEN: &str = "The signature is refused. It does not say why; the gateway's metrics do. With \
    the code `clock` it is signed and has the gateway's time";

fn problem() -> Response {
    refused("Not done, or not known to be: `code` says why, `detail` what to do")
}

fn refused(why: &str) -> Response {
    ResponseBuilder::new().description(why).content(PROBLEM_JSON, reference("Problem")).build()
}

fn panel() -> Parameter {
    let says = "The identity of the panel that this was decided for: on another one nothing is done \
                (`another_panel`). Without it a panel that was replaced is not written (`panel_refused`)";
    ParameterBuilder::new()
        .name("panel")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(says))
        .schema(Some(Object::with_type(Type::String)))
        .build()
}

fn email() -> Parameter {
    ParameterBuilder::new()
        .name("email")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The client's name, percent-encoded"))
        .schema(Some(Object::with_type(Type::String)))
        .build()
}
