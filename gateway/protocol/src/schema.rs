//! Schemas of the types that cannot be derived: a number of 1 or more, or one word; a hash.

use std::borrow::Cow;

use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::{Cap, End, Lineage};

fn number_or(field: &str, says: &str, word: &str) -> RefOr<Schema> {
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1));
    let object = ObjectBuilder::new()
        .property(field, number)
        .required(field)
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
    let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([word]));
    OneOfBuilder::new().description(Some(says)).item(object).item(word).into()
}

impl PartialSchema for End {
    fn schema() -> RefOr<Schema> {
        number_or("at_ms", "When a client ends: a moment in ms since 1970, or never.", "never")
    }
}

impl ToSchema for End {
    fn name() -> Cow<'static, str> {
        "End".into()
    }
}

impl PartialSchema for Cap {
    fn schema() -> RefOr<Schema> {
        number_or("bytes", "How much a client may carry by the panel's counter.", "unlimited")
    }
}

impl ToSchema for Cap {
    fn name() -> Cow<'static, str> {
        "Cap".into()
    }
}

impl PartialSchema for Lineage {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The hash of a store's history: 64 lower-case hex digits."))
            .pattern(Some("^[0-9a-f]{64}$"))
            .into()
    }
}

impl ToSchema for Lineage {
    fn name() -> Cow<'static, str> {
        "Lineage".into()
    }
}
