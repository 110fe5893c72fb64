"""The portal's bucket, closed and with versions; one that is there is left as it is."""

import os

import boto3
from botocore.exceptions import ClientError

bucket = os.environ["S3_BUCKET"]
store = boto3.client(
    "s3",
    endpoint_url=os.environ["S3_ENDPOINT"],
    region_name=os.environ.get("S3_REGION", "us-east-1"),
    aws_access_key_id=os.environ["S3_KEY"],
    aws_secret_access_key=os.environ["S3_SECRET"],
    verify=os.environ.get("S3_CA") or True,
)
try:
    store.head_bucket(Bucket=bucket)
except ClientError as error:
    if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
        raise
    store.create_bucket(Bucket=bucket)
store.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
