//! What is never sent to a panel, because it could keep Xray from starting or mean something else
//! than it says.

use nebulalinks_protocol::{
    BatchItem, CLIENT_MARK, Cap, Desired, End, ErrorCode, Expect, LARGEST_CAP, LAST_END_MS,
    LONGEST_OLD_NAME, MOST_DEVICES, PutRequest, is_subscription_key,
};

use crate::failure::Failure;

/// The longest name of an inbound, in bytes: errors and logs quote one that is not found.
const LONGEST_REMARK: usize = 256;

/// Checks a name that is to be written.
///
/// # Errors
/// [`ErrorCode::Invalid`].
pub fn marked_email(email: &str) -> Result<(), Failure> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    if !email.starts_with(CLIENT_MARK) {
        return refuse("only clients whose name begins with `nl-` are written");
    }
    if email.len() > 64 || !email.bytes().all(allowed) {
        return refuse("a client's name is at most 64 of a-z 0-9 - _ .");
    }
    Ok(())
}

/// Checks a whole request.
///
/// # Errors
/// [`ErrorCode::Invalid`], saying what is wrong and not what it was.
pub fn put(email: &str, request: &PutRequest) -> Result<(), Failure> {
    marked_email(email)?;
    if request.client.email != email {
        return refuse("the name in the path is not the one in the body");
    }
    others_name(request.expect, request.from.as_deref(), request.to.as_deref())?;
    wanted(&request.client, &request.inbounds)
}

/// Checks what is adopted or given back: a client that is there, and a name that is not the shop's.
fn others_name(expect: Expect, from: Option<&str>, to: Option<&str>) -> Result<(), Failure> {
    let name = match (from, to) {
        (None, None) => return Ok(()),
        (Some(_), Some(_)) => return refuse("a client is adopted or given back, not both"),
        (Some(name), None) | (None, Some(name)) => name,
    };
    if name.is_empty() || name.len() > LONGEST_OLD_NAME || name.starts_with(CLIENT_MARK) {
        return refuse(
            "what is adopted or given back has a name of 1 to 256 bytes that does not begin with `nl-`",
        );
    }
    if !matches!(expect, Expect::Uuid(_)) {
        return refuse("what is adopted or given back is there, with a uuid");
    }
    Ok(())
}

/// Checks one item of a batch.
///
/// # Errors
/// As [`put`].
pub fn item(item: &BatchItem) -> Result<(), Failure> {
    match item {
        BatchItem::Put(put) => {
            others_name(put.expect, put.from.as_deref(), put.to.as_deref())?;
            wanted(&put.client, &put.inbounds)
        }
        BatchItem::Delete(delete) => marked_email(&delete.email),
    }
}

fn wanted(client: &Desired, inbounds: &[String]) -> Result<(), Failure> {
    marked_email(&client.email)?;
    all_but_name(client, inbounds)
}

/// Checks what is wanted of a client of any name.
///
/// # Errors
/// [`ErrorCode::Invalid`], saying what is wrong and not what it was.
pub fn all_but_name(client: &Desired, inbounds: &[String]) -> Result<(), Failure> {
    if client.uuid.is_nil() {
        return refuse("the uuid is nil");
    }
    if !is_subscription_key(&client.sub_id) {
        return refuse("a subscription key is 8 to 64 of a-z A-Z 0-9 - _");
    }
    let secret = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    if !(16..=128).contains(&client.secret.len()) || !client.secret.bytes().all(secret) {
        return refuse("a secret is 16 to 128 characters of base64url");
    }
    if client.comment.chars().count() > 128 || client.comment.chars().any(char::is_control) {
        return refuse("a comment is at most 128 printable characters");
    }
    if matches!(client.end, End::AtMs(at) if at.get() > LAST_END_MS) {
        return refuse("the end is after the year 9999");
    }
    if matches!(client.cap, Cap::Bytes(cap) if cap.get() > LARGEST_CAP) {
        return refuse("the cap is more than 2^62 bytes");
    }
    if client.ip_limit > MOST_DEVICES {
        return refuse("the limit of devices is over 1,000,000");
    }
    if inbounds.is_empty() || inbounds.len() > 64 {
        return refuse("a client is on 1 to 64 inbounds");
    }
    if inbounds.iter().any(|name| name.len() > LONGEST_REMARK) {
        return refuse("an inbound's name is at most 256 bytes: use its number");
    }
    Ok(())
}

fn refuse(detail: &str) -> Result<(), Failure> {
    Err(Failure::new(ErrorCode::Invalid, detail))
}
