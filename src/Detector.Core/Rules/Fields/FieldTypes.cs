namespace Detector.Core.Rules.Fields;

/// <summary>What the values of derived fields are, for those who check rules.</summary>
public static class FieldTypes
{
    /// <summary>Such as <c>true or false</c>, <c>number</c> or <c>texts</c>, as docs/fields.md has it; null if no derived field has this name.</summary>
    public static string? Of(string path) => DerivedFields.Find(path)?.Type;

    /// <summary>Whether a field of this name depends on what happened before.</summary>
    public static bool NeedsHistory(string path) => DerivedFields.NeedsHistory(path);
}
