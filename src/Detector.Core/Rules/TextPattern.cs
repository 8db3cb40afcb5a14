namespace Detector.Core.Rules;

/// <summary>
/// A Sigma string with its wildcards understood: literal pieces, each followed by what may stand between it and the next. Compared without
/// case (ordinal) unless <see cref="Cased"/>.
/// </summary>
/// <param name="Pieces">Literals and wildcards in order; two literals never follow each other.</param>
/// <param name="Cased">Whether case matters.</param>
public sealed record TextPattern(IReadOnlyList<TextPiece> Pieces, bool Cased)
{
    /// <summary>The whole pattern as one literal, or null if it has a wildcard.</summary>
    public string? Literal =>
        Pieces switch
        {
            [] => "",
            [{ Kind: TextPieceKind.Literal } only] => only.Text,
            _ => null,
        };

    /// <summary>A pattern without wildcards.</summary>
    public static TextPattern Exactly(string text, bool cased = false) => new(text.Length == 0 ? [] : [TextPiece.Literal(text)], cased);

    /// <inheritdoc/>
    public bool Equals(TextPattern? other) => other is not null && Cased == other.Cased && Pieces.SequenceEqual(other.Pieces);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = Cased ? 1 : 0;
        for (var i = 0; i < Pieces.Count; i++)
        {
            hash = HashCode.Combine(hash, Pieces[i]);
        }
        return hash;
    }

    /// <summary>The pattern as Sigma writes it.</summary>
    public override string ToString() => string.Concat(Pieces);
}

/// <summary>A piece of a <see cref="TextPattern"/>.</summary>
/// <param name="Kind">Literal, <c>?</c> or <c>*</c>.</param>
/// <param name="Text">The literal; empty for wildcards.</param>
public readonly record struct TextPiece(TextPieceKind Kind, string Text)
{
    /// <summary><c>*</c>: any number of characters.</summary>
    public static TextPiece AnyRun { get; } = new(TextPieceKind.AnyRun, "");

    /// <summary><c>?</c>: exactly one character.</summary>
    public static TextPiece AnyOne { get; } = new(TextPieceKind.AnyOne, "");

    /// <summary>Plain text.</summary>
    public static TextPiece Literal(string text) => new(TextPieceKind.Literal, text);

    /// <inheritdoc/>
    public override string ToString() =>
        Kind switch
        {
            TextPieceKind.AnyRun => "*",
            TextPieceKind.AnyOne => "?",
            _ => Text.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("*", "\\*", StringComparison.Ordinal)
                .Replace("?", "\\?", StringComparison.Ordinal),
        };
}

/// <summary>What a piece of a pattern stands for.</summary>
public enum TextPieceKind
{
    /// <summary>Itself.</summary>
    Literal,

    /// <summary>Exactly one character.</summary>
    AnyOne,

    /// <summary>Any number of characters, none included.</summary>
    AnyRun,
}
