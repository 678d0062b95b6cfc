//! An application server on axum (hyper) for the security suite: `portico-security-server HOST PORT`.
use axum::{
    body::Body,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::any,
    Router,
};
use http_body_util::BodyExt;
use serde_json::json;

const RESTRICTED: [(&str, &str); 7] = [
    ("/admin/users", "admin"),
    ("/team/list", "team"),
    ("/secret", "secret"),
    ("/v1/private", "private"),
    ("/write", "write"),
    ("/upload", "upload"),
    ("/beta", "beta"),
];

async fn run(handler: &'static str, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers: Vec<_> = head.headers.iter().map(|(name, value)| [name.to_string(), text(value.as_bytes())]).collect();
    let host = match (head.uri.authority(), head.headers.get("host")) {
        (Some(authority), _) => authority.to_string(),
        (None, Some(value)) => text(value.as_bytes()),
        (None, None) => String::new(),
    };
    let query = head.uri.query().unwrap_or("");
    println!(
        "{}",
        json!({ "handler": handler, "method": head.method.as_str(), "path": head.uri.path(), "query": query,
                "host": host, "headers": headers, "body": body.to_bytes().len() })
    );
    (StatusCode::NON_AUTHORITATIVE_INFORMATION, Body::from(format!("{handler} {query}\n"))).into_response()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mut app = Router::new().fallback(|request: Request| run("any", request));
    for (path, handler) in RESTRICTED {
        app = app.route(path, any(move |request: Request| run(handler, request)));
    }
    let listener = tokio::net::TcpListener::bind(format!("{}:{}", arguments[1], arguments[2])).await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
