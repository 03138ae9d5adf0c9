//! Reading JSON of others: what is not there is null, and of what is large only what is wanted is
//! kept, without a tree of values in between.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

static NULL: Value = Value::Null;

/// A field of an object; null for everything else.
pub(in crate::panel) fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&NULL)
}

/// The same, moved out.
pub(in crate::panel) fn take(value: &mut Value, name: &str) -> Value {
    value.get_mut(name).map(Value::take).unwrap_or_default()
}

/// Whether a text is in a list; null is an empty one. `None` when it is no list.
pub(in crate::panel) fn lists(list: &Value, text: &str) -> Option<bool> {
    match list {
        Value::Null => Some(false),
        Value::Array(items) => Some(items.iter().any(|item| item.as_str() == Some(text))),
        _ => None,
    }
}

/// A field that should be a number, a text or a flag, and may be anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::panel) enum Scalar<'de> {
    Int(i64),
    Text(Cow<'de, str>),
    Flag(bool),
    Other,
}

impl Scalar<'_> {
    pub(in crate::panel) fn int(&self) -> Option<i64> {
        if let Self::Int(n) = self { Some(*n) } else { None }
    }

    pub(in crate::panel) fn flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }

    pub(in crate::panel) fn text(self) -> Option<String> {
        if let Self::Text(text) = self { Some(text.into_owned()) } else { None }
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Int(n))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Scalar<'de>, E> {
        Ok(i64::try_from(n).map_or(Scalar::Other, Scalar::Int))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

/// What is read from an object, field by field. Of a field that is there twice the last one counts,
/// as in a [`Value`].
pub(in crate::panel) trait Object: Default {
    /// Takes the value of a field, which must be read or ignored.
    fn field<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// An [`Object`] read; nothing but an object is taken for one.
#[derive(Debug)]
pub(in crate::panel) struct Read<T>(pub(in crate::panel) T);

impl<'de, T: Object> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(ObjectVisitor(PhantomData)).map(Read)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut object = T::default();
        while let Some(name) = map.next_key::<Scalar<'de>>()? {
            let Scalar::Text(name) = name else { continue };
            object.field(&name, &mut map)?;
        }
        Ok(object)
    }
}

/// The same, given as an object, as its text, or not at all.
#[derive(Debug, Default)]
pub(in crate::panel) struct Nested<T>(pub(in crate::panel) T);

impl<'de, T: Object> Deserialize<'de> for Nested<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NestedVisitor(PhantomData)).map(Nested)
    }
}

struct NestedVisitor<T>(PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for NestedVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or its text")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        ObjectVisitor(PhantomData).visit_map(map)
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        if text.trim().is_empty() {
            return Ok(T::default());
        }
        // The parser's own words could quote the text, which holds credentials.
        let read = serde_json::from_str::<Option<Read<T>>>(text);
        read.map(|o| o.map_or_else(T::default, |o| o.0)).map_err(|_| E::custom("not JSON"))
    }
}
