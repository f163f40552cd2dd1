"""What the package ships, part by part: each module trains one part and writes its files."""
