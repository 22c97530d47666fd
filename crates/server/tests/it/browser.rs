//! A browser of a few lines: it keeps our cookies and signs in at the sandbox.

use axum::body::Body;
use http::{Request, header};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::app::TestApp;
use crate::reply::Reply;

pub struct Browser<'a> {
    test: &'a TestApp,
    cookie: Option<String>,
}

impl<'a> Browser<'a> {
    pub fn new(test: &'a TestApp) -> Self {
        Self { test, cookie: None }
    }

    /// Opens one of our pages and keeps the cookie it sets.
    pub async fn opens(&mut self, path: &str) -> Reply {
        let reply = self.sends(Request::get(path).body(Body::empty()).expect("a request")).await;
        if let Some(cookie) = reply.headers.get(header::SET_COOKIE) {
            let text = cookie.to_str().expect("text");
            self.cookie = text.split(';').next().map(str::to_owned);
        }
        reply
    }

    /// Sends one of our forms.
    pub async fn submits(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.sends(request.expect("a request")).await
    }

    async fn sends(&self, mut request: Request<Body>) -> Reply {
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse().expect("a cookie"));
        }
        self.test.send(request).await
    }

    /// Signs in at the sandbox, presses a button of its consent page and comes back to us.
    pub async fn signs_in(&mut self, address: &str, person: &str, decision: &str) -> Reply {
        let path = self.is_sent_back(address, person, decision).await;
        self.opens(&path).await
    }

    /// Signs in at the sandbox; answers the path of ours that it sends the browser back to.
    pub async fn is_sent_back(&self, address: &str, person: &str, decision: &str) -> String {
        let address = format!("{address}&sandbox_person={person}");
        let page =
            self.visits(Request::get(&address).body(Body::empty()).expect("a request")).await;
        let reply = if page.status.is_redirection() {
            page
        } else {
            let request = Request::post(&address)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(format!("decision={decision}")));
            self.visits(request.expect("a request")).await
        };
        let location = reply.header("location").to_owned();
        let path = location.strip_prefix(&self.test.public_url);
        path.unwrap_or_else(|| panic!("{} {}", reply.status, reply.text())).to_owned()
    }

    /// A request to the sandbox.
    pub async fn visits(&self, request: Request<Body>) -> Reply {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.expect("the sandbox answers");
        Reply::read(response.map(Body::new)).await
    }
}
