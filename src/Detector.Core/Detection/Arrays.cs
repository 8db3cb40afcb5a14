using System.Numerics;

namespace Detector.Core.Detection;

/// <summary>What arrays that grow have in common.</summary>
internal static class Arrays
{
    /// <summary>Sees to it that an array has room for so many, and some more.</summary>
    public static void Reserve<T>(ref T[] array, int length)
    {
        if (length > array.Length)
        {
            Array.Resize(ref array, (int)BitOperations.RoundUpToPowerOf2((uint)length));
        }
    }
}
