"""`openpose-py train`: a recipe and annotated pictures in, a model card and weights out."""
